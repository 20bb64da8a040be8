// Dangerous verbs: <details data-confirm> unfolds in place without script; here its body becomes a dialog.
// Also opens any dialog with [data-open="ID"] and closes one with [data-close].
"use strict";

(function () {
  if (typeof HTMLDialogElement === "undefined" || !HTMLDialogElement.prototype.showModal) return;

  function dialogFor(details) {
    const body = details.querySelector(".confirm-body");
    const dialog = document.createElement("dialog");
    dialog.className = "sheet";
    const title = body.querySelector("[id$='-title']");
    if (title) dialog.setAttribute("aria-labelledby", title.id);
    body.querySelectorAll("[data-close]").forEach((button) => {
      button.hidden = false;
    });
    dialog.append(body);
    details.after(dialog);
    return dialog;
  }

  document.querySelectorAll("details[data-confirm]").forEach((details) => {
    const open = details.open;
    const dialog = dialogFor(details);
    const summary = details.querySelector("summary");
    details.open = false;
    summary.setAttribute("role", "button");
    summary.setAttribute("aria-haspopup", "dialog");
    summary.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
    });
    dialog.addEventListener("close", () => summary.focus());
    if (open) dialog.showModal();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.open);
      if (dialog && dialog.showModal) {
        event.preventDefault();
        dialog.showModal();
      }
      return;
    }
    const closer = event.target.closest("[data-close]");
    if (closer) {
      const dialog = closer.closest("dialog");
      if (dialog) dialog.close();
    } else if (event.target.matches("dialog[open]")) {
      // a click on the veil, outside the sheet's own box
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right &&
        event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) event.target.close();
    }
  });
})();
