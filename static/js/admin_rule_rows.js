// In the rows of a rule: offer only the operators that the chosen fact allows. The server checks again.
(() => {
  "use strict";

  const operatorOf = (fact) => document.getElementById(fact.id.replace(/-fact$/, "-operator"));

  const fit = (fact) => {
    const operator = operatorOf(fact);
    const chosen = fact.selectedOptions[0];
    if (!operator || !chosen) return;
    const allowed = (chosen.dataset.operators || "").split(" ").filter(Boolean);
    for (const option of operator.options) {
      const fits = !allowed.length || !option.value || allowed.includes(option.value);
      option.hidden = option.disabled = !fits;
    }
    if (operator.selectedOptions[0]?.disabled) operator.value = allowed.length === 1 ? allowed[0] : "";
  };

  const isFact = (element) => element instanceof HTMLSelectElement && element.name.endsWith("-fact");

  document.addEventListener("change", (event) => {
    if (isFact(event.target)) fit(event.target);
  });
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll('select[name$="-fact"]').forEach(fit);
  });
})();
