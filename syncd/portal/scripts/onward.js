/* A form with data-onward is the next step of what goes on by itself: its button is for whoever has no scripts. */
(() => {
  const form = document.querySelector("form[data-onward]");
  if (form) form.requestSubmit(form.querySelector("button"));
})();
