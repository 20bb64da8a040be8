// Filters take effect at once: a changed [data-autosubmit] sends its form, without empty fields in the address.
// Also [data-pick-all] ticks every [data-pick] of its form or table.
"use strict";

(function () {
  function send(form) {
    if (form.requestSubmit) form.requestSubmit();
    else form.submit();
  }

  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("[data-autosubmit]")) {
      send(target.form);
    } else if (target.matches("[data-pick-all]")) {
      const scope = target.closest("form, table");
      scope.querySelectorAll("[data-pick]").forEach((box) => {
        box.checked = target.checked;
      });
    }
  });

  document.querySelectorAll("form[data-filters]").forEach((form) => {
    form.addEventListener("submit", () => {
      Array.from(form.elements).forEach((element) => {
        if (element.name && element.value === "") element.disabled = true;
      });
    });
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-filters] :disabled").forEach((element) => {
      element.disabled = false;
    });
  });
})();
