// Amounts in foreign money: the server converts, this shows what it made of them. Under an
// <input data-currency="ID OF THE SELECT" data-yuan> stands <… id="NAME-readback"> (components/field.html).
// Hears "autosaved" from autosave.js with {converted: {NAME: {text, yuan}}}; says "converted" when it is shown.
"use strict";

(function () {
  const form = document.querySelector("form[data-autosave-url]");
  if (!form) return;
  const texts = document.getElementById("script-texts").dataset;

  function inputs() {
    return Array.from(form.querySelectorAll("input[data-currency]"));
  }

  function isForeign(input) {
    return document.getElementById(input.dataset.currency).value !== "CNY";
  }

  function say(input, text, yuan, wrong = false) {
    input.dataset.yuan = yuan;
    const place = document.getElementById(input.name + "-readback");
    if (place) {
      place.classList.toggle("wrong", wrong);
      if (place.textContent !== text) place.textContent = text;
    }
    document.dispatchEvent(new CustomEvent("converted"));
  }

  function touched(event) {
    const input = inputs().find((one) => event.target.name.split("__")[0] === one.name);
    if (!input) return;
    if (isForeign(input)) say(input, input.value.trim() === "" ? "" : texts.converting, "");
    else if (event.target !== input) input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  form.addEventListener("input", touched);
  form.addEventListener("autosaved", (event) => {
    const found = event.detail.converted || {};
    for (const input of inputs()) {
      if (!isForeign(input)) continue;
      const one = found[input.name];
      // What stands as an error below needn't be said twice.
      const told = input.closest(".field").querySelector(".field-error");
      say(input, one && (one.yuan || !told) ? one.text : "", one ? one.yuan : "", !one || !one.yuan);
    }
  });
})();
