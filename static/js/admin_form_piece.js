// In the form editor, what does not belong to the chosen kind of answer is hidden: a row says with
// data-types="choice table" for which kinds it counts. Without script all rows are visible, and the server takes
// only what counts.
"use strict";

(function () {
  function show(kind) {
    for (const row of document.querySelectorAll("[data-types]")) {
      row.hidden = !row.dataset.types.split(" ").includes(kind.value);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const kind = document.querySelector(".piece-form select[name=type]");
    if (!kind) return;
    kind.addEventListener("change", () => show(kind));
    show(kind);
  });
})();
