// The browser's viewer of PDF takes the focus as soon as it shows its file. Whoever is typing keeps it, and the
// page's keys keep working: only who goes there by Tab, or points at the document, is let in.
"use strict";

(function () {
  let last = null;
  let byTab = false;

  document.addEventListener("keydown", (event) => {
    byTab = event.key === "Tab";
  }, true);

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("iframe.document-view")) return;
    last = event.target;
    byTab = false;
  });
  document.addEventListener("focusout", (event) => {
    // Left for nothing else on the page: for a document, or for good.
    if (event.target === last && !event.relatedTarget) window.setTimeout(() => {
      if (document.activeElement === document.body) last = null;
    });
  });

  window.addEventListener("blur", () => {
    const frame = document.activeElement;
    if (!frame || !frame.matches("iframe.document-view") || byTab || frame.matches(":hover")) return;
    // After the viewer is done with it, or the keys would still go there.
    window.setTimeout(() => {
      frame.blur();
      window.focus();
      if (last && last.isConnected) last.focus({ preventScroll: true });
    });
  });
})();
