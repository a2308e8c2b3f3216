"use strict";
/* What comes up by itself counts as looked at once the page has been visible for two seconds. */
(() => {
  const LONG_ENOUGH = 2000;
  let timer = 0, shown = [];
  const wait = () => {
    clearTimeout(timer);
    if (shown.length && document.visibilityState === "visible") timer = setTimeout(tell, LONG_ENOUGH);
  };
  const tell = () => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    for (const one of shown) fetch(one.dataset.seen, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token } }).catch(() => null);
    shown = [];
  };
  const look = () => {
    shown = [...document.querySelectorAll("[data-seen]")];
    wait();
  };
  document.addEventListener("visibilitychange", wait);
  document.addEventListener("came-up", look);
  look();
})();
