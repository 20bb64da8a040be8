// Fields that are asked only under a condition. A control (or a block, such as a document slot) says
//   data-when-field="NAME" data-when-is='["rent", true]'
// and what stands around it is hidden while NAME has another answer, or is hidden itself. Nothing is cleared:
// who changes their mind finds their text again, and the server takes only what counts. Without script all is
// visible.
"use strict";

(function () {
  const CONTROLS = "input, select, textarea";

  // What is hidden with the control: the field component around it, or the block itself.
  function blockOf(element) {
    return element.closest(".field, .slot, [data-when-block]") || element;
  }

  function controls(form, name) {
    return Array.from((form || document).querySelectorAll(CONTROLS)).filter((control) => control.name === name);
  }

  // The answer as JSON has it: a code, true or false; null for none or for one that is hidden.
  function answer(form, name) {
    for (const control of controls(form, name)) {
      if (blockOf(control).hidden) return null;
      if ((control.type === "radio" || control.type === "checkbox") && !control.checked) continue;
      if (control.type === "checkbox") return true;
      if (control.value !== "") return control.value;
    }
    return null;
  }

  function update() {
    // In the order of the page, so that what hangs on a hidden field is hidden in the same pass.
    document.querySelectorAll("[data-when-field]").forEach((element) => {
      const found = answer(element.closest("form"), element.dataset.whenField);
      const wanted = JSON.parse(element.dataset.whenIs);
      blockOf(element).hidden = found === null || !wanted.some((value) => String(value) === String(found));
    });
  }

  document.addEventListener("change", update);
  document.addEventListener("htmx:afterSettle", update);
  update();
})();
