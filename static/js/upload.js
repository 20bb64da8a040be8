// Before a file travels: its name and size, and a word when it is too large or of another kind.
"use strict";

(function () {
  const texts = document.getElementById("script-texts").dataset;

  function sizeOf(bytes) {
    if (bytes < 1024) return bytes + " B";
    if (bytes < 1024 * 1024) return Math.round(bytes / 1024) + " KB";
    return (bytes / 1024 / 1024).toFixed(1).replace(".0", "") + " MB";
  }

  // The accept attribute as the browser means it: image/*, application/pdf, .pdf
  function accepted(input, file) {
    const kinds = (input.accept || "").split(",").map((kind) => kind.trim().toLowerCase()).filter(Boolean);
    if (!kinds.length || !file.type) return true;
    return kinds.some((kind) => {
      if (kind.startsWith(".")) return file.name.toLowerCase().endsWith(kind);
      if (kind.endsWith("/*")) return file.type.startsWith(kind.slice(0, -1));
      return file.type === kind;
    });
  }

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches("input[type=file]")) return;
    const place = input.closest(".slot, .field");
    const check = place && place.querySelector("[data-file-check]");
    const file = input.files[0];
    let problem = "";
    if (file) {
      const limit = Number(input.dataset.maxBytes || 0);
      if (limit && file.size > limit) {
        problem = texts.tooLarge.replace("SIZE", sizeOf(file.size)).replace("LIMIT", sizeOf(limit));
      } else if (file.size === 0) {
        problem = texts.emptyFile;
      } else if (!accepted(input, file)) {
        problem = texts.wrongKind;
      }
    }
    input.setCustomValidity(problem);
    if (!check) return;
    check.classList.toggle("wrong", problem !== "");
    check.textContent = file ? problem || file.name + " · " + sizeOf(file.size) : "";
  });

  // A large file takes a while: say what is happening instead of nothing.
  document.addEventListener("submit", (event) => {
    const input = event.target.querySelector && event.target.querySelector("input[type=file]");
    if (!input || !input.files.length || event.defaultPrevented) return;
    const place = input.closest(".slot, .field");
    const check = place && place.querySelector("[data-file-check]");
    if (check) check.textContent = texts.uploading.replace("NAME", () => input.files[0].name);
  });
})();
