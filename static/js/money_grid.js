// Adds up a grid of amounts while one types, and says how far the sum is from the field it must equal.
// Exact: fen as BigInt. The server decides; what can't be read here is left to it.
"use strict";

(function () {
  // Fen of a typed amount; 0 for an empty line, null for what is no amount.
  function fen(typed) {
    const text = typed
      .replace(/[０-９．，]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
      .trim();
    if (text === "") return 0n;
    const match = /^(\d{1,3}(?:,\d{3})+|\d{1,13})(?:\.(\d{1,2}))?$/.exec(text);
    if (!match) return null;
    return BigInt(match[1].replace(/,/g, "") + ((match[2] || "") + "00").slice(0, 2));
  }

  // 320000050n → "3,200,000.50"
  function yuan(amount) {
    const digits = String(amount).padStart(3, "0");
    return digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",") + "." + digits.slice(-2);
  }

  if (typeof document === "undefined") {
    module.exports = { fen, yuan };
    return;
  }

  function total(grid) {
    let sum = 0n;
    let typed = false;
    for (const input of grid.querySelectorAll("input[data-money]")) {
      const amount = fen(input.value);
      if (amount === null) return null;
      typed = typed || input.value.trim() !== "";
      sum += amount;
    }
    return typed ? sum : null;
  }

  function gap(grid, sum) {
    const place = grid.querySelector("[data-grid-gap]");
    if (!place) return;
    const scope = grid.closest("form") || document;
    const other = Array.from(scope.querySelectorAll("input")).find((input) => input.name === grid.dataset.sumField);
    const currency = other && document.getElementById(other.dataset.currency || "");
    const typed = currency && currency.value !== "CNY" ? other.dataset.yuan || "" : other ? other.value : "";
    const wanted = typed.trim() !== "" ? fen(typed) : null;
    let text = "";
    if (sum !== null && wanted !== null) {
      if (sum === wanted) text = grid.dataset.textEqual;
      else if (sum < wanted) text = grid.dataset.textLess.replace("GAP", yuan(wanted - sum));
      else text = grid.dataset.textMore.replace("GAP", yuan(sum - wanted));
    }
    place.classList.toggle("equal", text !== "" && sum === wanted);
    if (place.textContent !== text) place.textContent = text;
  }

  function update(event) {
    document.querySelectorAll("[data-money-grid]").forEach((grid) => {
      if (event && !grid.contains(event.target) && event.target.name !== grid.dataset.sumField) return;
      const sum = total(grid);
      grid.querySelector("[data-grid-total]").textContent = sum === null ? "" : yuan(sum);
      gap(grid, sum);
    });
  }

  document.addEventListener("input", update);
  document.addEventListener("converted", update);
  update();
})();
