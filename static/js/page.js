// What every page has: a mark that script runs, menus that close, focus on the summary of errors.
"use strict";
document.documentElement.classList.add("scripted");

(function () {
  const menus = document.querySelectorAll("details[data-menu]");

  function closeAll(except) {
    menus.forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  }

  document.addEventListener("click", (event) => {
    closeAll(event.target.closest("details[data-menu]"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus.forEach((menu) => {
      if (!menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  const summary = document.querySelector("[data-focus-first]");
  if (summary) summary.focus();

  // Two clicks must not send a form twice; the page that comes next lifts the lock by replacing this one.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    // a download answers without a new page: the form may be sent again after a while
    window.setTimeout(() => delete form.dataset.sent, 8000);
  });

  // A form whose answer takes a while says so: [data-waiting] holds the words, [data-wait] shows them.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.waiting || event.defaultPrevented) return;
    const place = form.querySelector("[data-wait]");
    if (place) place.textContent = form.dataset.waiting;
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-waiting]").forEach((form) => {
      const place = form.querySelector("[data-wait]");
      if (place) place.textContent = "";
      form.removeAttribute("aria-busy");
    });
  });

  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });
})();
