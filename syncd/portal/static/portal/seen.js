"use strict";
/* A document that comes up by itself counts as looked at once its page has been visible for two seconds. */
(() => {
  const LONG_ENOUGH = 2000;
  let timer = 0, shown = null;
  const wait = () => {
    clearTimeout(timer);
    if (shown && document.visibilityState === "visible") timer = setTimeout(tell, LONG_ENOUGH);
  };
  const tell = () => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    fetch(shown.dataset.seen, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token } }).catch(() => null);
    shown = null;
  };
  const look = () => {
    shown = document.querySelector("[data-seen]");
    wait();
  };
  document.addEventListener("visibilitychange", wait);
  document.addEventListener("came-up", look);
  look();
})();
