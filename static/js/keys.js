// The desk's keyboard: J/K move along rows, Enter opens, / searches, ? helps, and every [data-key="r"] element
// answers to its letter. Silent while one types, while a dialog is open, and with Ctrl, Alt or Meta.
"use strict";

(function () {
  const help = document.getElementById("key-help");
  let current = -1;

  function typing(target) {
    return target.closest("input, textarea, select, [contenteditable]") !== null &&
      !target.matches("input[type=checkbox], input[type=radio], input[type=button], input[type=submit]");
  }

  function rows() {
    return Array.from(document.querySelectorAll("[data-rows] [data-row-url]"));
  }

  function go(step) {
    const all = rows();
    if (!all.length) return;
    if (current >= 0 && all[current]) all[current].classList.remove("is-current");
    current = Math.max(0, Math.min(all.length - 1, current + step));
    const row = all[current];
    row.classList.add("is-current");
    row.scrollIntoView({ block: "nearest" });
    const link = row.querySelector("a[href]");
    if (link) link.focus({ preventScroll: true });
  }

  function verbs() {
    return Array.from(document.querySelectorAll("[data-key]")).filter((element) => !element.disabled);
  }

  function describe() {
    const list = help.querySelector("[data-key-list]");
    list.querySelectorAll("[data-added]").forEach((node) => node.remove());
    verbs().forEach((element) => {
      const term = document.createElement("dt");
      const key = document.createElement("kbd");
      key.textContent = element.dataset.key.toUpperCase();
      term.append(key);
      term.dataset.added = "";
      const text = document.createElement("dd");
      const copy = element.cloneNode(true);
      copy.querySelectorAll("kbd, .visually-hidden").forEach((node) => node.remove());
      text.textContent = element.dataset.keyLabel || copy.textContent.trim();
      text.dataset.added = "";
      list.append(term, text);
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      event.preventDefault();
      go(key === "j" ? 1 : -1);
    } else if (event.key === "Enter" && current >= 0 && !event.target.closest("a, button, summary")) {
      const row = rows()[current];
      if (row) window.location.assign(row.dataset.rowUrl);
    } else if (event.key === "/") {
      const search = document.querySelector("[data-filters] input[name=q], input[type=search]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    } else if (event.key === "?" && help && help.showModal) {
      event.preventDefault();
      describe();
      help.showModal();
    } else {
      const element = verbs().find((one) => one.dataset.key.toLowerCase() === key);
      if (!element) return;
      event.preventDefault();
      // [data-key-focus]: a signature takes two keys, its letter and then Enter
      if (element.matches("[data-key-focus], input:not([type=submit]), textarea, select")) element.focus();
      else element.click();
    }
  });
})();
