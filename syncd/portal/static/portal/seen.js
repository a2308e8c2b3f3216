"use strict";
/* A document that comes up by itself counts as looked at once its page has been visible for two seconds. */
(() => {
  const shown = document.querySelector("[data-seen]");
  if (!shown) return;
  const LONG_ENOUGH = 2000;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") timer = setTimeout(tell, LONG_ENOUGH);
  };
  const tell = () => {
    document.removeEventListener("visibilitychange", wait);
    fetch(shown.dataset.seen, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token } }).catch(() => null);
  };
  document.addEventListener("visibilitychange", wait);
  wait();
})();
