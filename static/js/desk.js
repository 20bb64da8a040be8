// One case on one screen: the document that is open is marked, the rule's result follows the appraised investment,
// and what was written in the opinion is carried into a confirmation.
"use strict";

(function () {
  const documents = document.querySelector("[data-documents]");
  if (documents) {
    documents.addEventListener("click", (event) => {
      const link = event.target.closest("[data-document]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      documents.querySelectorAll("[data-document]").forEach((one) => one.removeAttribute("aria-current"));
      link.setAttribute("aria-current", "true");
    });
  }

  document.querySelectorAll("[data-estimate]").forEach((box) => {
    const input = box.querySelector("input[data-money]");
    const shown = box.querySelector("[data-estimate-shown]");
    const button = box.querySelector("[data-estimate-button]");
    let asked = 0;

    function compute() {
      const mine = ++asked;
      shown.setAttribute("aria-busy", "true");
      const address = `${box.dataset.estimate}?appraised=${encodeURIComponent(input.value)}`;
      return window.fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } })
        .then((response) => {
          if (!response.ok && response.status !== 422) throw new Error(String(response.status));
          return response.text();
        })
        .then((text) => {
          if (mine === asked) shown.innerHTML = text;
        })
        .finally(() => {
          if (mine === asked) shown.removeAttribute("aria-busy");
        });
    }

    input.addEventListener("change", () => compute().catch(() => {}));
    button.addEventListener("click", (event) => {
      event.preventDefault();
      // where the answer can't be fetched, the whole page computes it
      compute().catch(() => {
        button.form.action = button.getAttribute("formaction");
        button.form.submit();
      });
    });
  });

  const opinion = document.querySelector("#act form textarea[name$='-text']");
  document.querySelectorAll("#act details[data-confirm] > summary").forEach((summary) => {
    const details = summary.parentElement;
    const dialog = details.nextElementSibling;
    const target = (dialog || details).querySelector("textarea[name$='-text']");
    if (!target || !opinion || target === opinion) return;
    summary.addEventListener("click", () => {
      if (!target.value) target.value = opinion.value;
    });
  });
})();
