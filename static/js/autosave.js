// Drafts that save themselves: <form data-autosave-url="…"> with <… data-save-state aria-live="polite">.
// Posts the form's fields (not its files) some time after the last key. The server answers 2xx with optional
// JSON {"saved_at": "10:24", "version": 3}; a version goes back into the form. 409: somebody else saved; then
// saving stops and the page says so. The form gets an "autosaved" event with the answer. Texts:
// templates/components/script_texts.html.
"use strict";

(function () {
  const form = document.querySelector("form[data-autosave-url]");
  if (!form) return;
  const state = form.querySelector("[data-save-state]") || document.querySelector("[data-save-state]");
  const wait = Number(form.dataset.autosaveWait || 1500);
  const texts = document.getElementById("script-texts").dataset;
  let timer = null;
  let running = false;
  let again = false;
  let dirty = false;
  let stopped = false;

  function say(text, failed) {
    if (!state) return;
    state.textContent = text;
    state.classList.toggle("failed", Boolean(failed));
  }

  function fields() {
    const data = new FormData();
    new FormData(form).forEach((value, name) => {
      if (typeof value === "string") data.append(name, value);
    });
    return data;
  }

  function timeNow() {
    const now = new Date();
    return String(now.getHours()).padStart(2, "0") + ":" + String(now.getMinutes()).padStart(2, "0");
  }

  function taken(answer) {
    const version = form.elements.namedItem("version");
    if (version && answer.version !== undefined) version.value = answer.version;
    say(texts.saved.replace("TIME", answer.saved_at || timeNow()));
    form.dispatchEvent(new CustomEvent("autosaved", { detail: answer }));
  }

  async function save() {
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    dirty = false;
    say(texts.saving);
    try {
      const response = await fetch(form.dataset.autosaveUrl, {
        method: "POST",
        body: fields(),
        credentials: "same-origin",
        headers: { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
      });
      if (response.status === 409) {
        stopped = true;
        say(texts.conflict, true);
      } else if (response.redirected || response.status === 403) {
        stopped = true;
        say(texts.signedOut, true);
      } else if (response.ok) {
        const text = await response.text();
        let answer = {};
        try {
          answer = text ? JSON.parse(text) : {};
        } catch (error) {
          answer = {};
        }
        taken(answer);
      } else {
        throw new Error(String(response.status));
      }
    } catch (error) {
      dirty = true;
      say(texts.notSaved, true);
      later(10000);
    } finally {
      running = false;
      if (again) {
        again = false;
        later(0);
      }
    }
  }

  function later(delay) {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, delay);
  }

  function changed(event) {
    if (event.target.type === "file" || stopped) return;
    dirty = true;
    later(wait);
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    window.clearTimeout(timer);
    dirty = false;
    stopped = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!dirty || stopped) return;
    event.preventDefault();
    event.returnValue = "";
  });
})();
