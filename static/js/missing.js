// After a draft saved itself: what is still missing, and what is wrong beside its field, as the server says.
// Hears "autosaved" from autosave.js with {missing: [{key, label}], errors: {key: [text]}}.
"use strict";

(function () {
  const form = document.querySelector("form[data-autosave-url]");
  const list = document.querySelector("[data-missing-list]");
  if (!form || !list) return;
  const none = document.querySelector("[data-missing-none]");
  const count = document.querySelector("[data-missing-count]");

  function showMissing(missing) {
    list.replaceChildren(
      ...missing.map((one) => {
        const link = document.createElement("a");
        link.className = "d-block text-truncate";
        link.href = "#field-" + one.key;
        link.textContent = one.label;
        const item = document.createElement("li");
        item.append(link);
        return item;
      })
    );
    none.hidden = missing.length > 0;
    if (!count) return;
    count.textContent = missing.length
      ? count.dataset.textLeft.replace("COUNT", missing.length)
      : count.dataset.textNone;
  }

  function showErrors(errors, missing) {
    const waiting = new Set(missing.map((one) => one.key));
    form.querySelectorAll(".field").forEach((field) => {
      const key = field.id.replace("field-", "");
      const texts = errors[key] || [];
      // What a refused submit said of it still holds.
      if (!texts.length && waiting.has(key)) return;
      // Nobody is told off in the middle of a word.
      if (texts.length && field.contains(document.activeElement)) return;
      field.querySelectorAll(".field-error").forEach((old) => old.remove());
      field.classList.toggle("invalid", texts.length > 0);
      field.querySelectorAll("input, select, textarea").forEach((control) => {
        if (texts.length) control.setAttribute("aria-invalid", "true");
        else control.removeAttribute("aria-invalid");
      });
      if (!texts.length) return;
      const place = document.createElement("div");
      place.className = "field-error";
      place.id = key + "-error";
      place.setAttribute("role", "alert");
      const body = document.createElement("div");
      texts.forEach((text) => {
        const line = document.createElement("div");
        line.textContent = text;
        body.append(line);
      });
      place.append(body);
      field.append(place);
    });
  }

  form.addEventListener("autosaved", (event) => {
    const { missing, errors } = event.detail;
    if (!missing || !errors) return;
    showMissing(missing);
    showErrors(errors, missing);
  });
})();
