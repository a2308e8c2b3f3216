"use strict";
/* While a new person is described: the sign-in name it would get, how many clients it would see, which folders. */
(() => {
  const form = document.querySelector("form.person[data-look]");
  if (!form) return;
  const WAIT = 250;
  let timer = 0, number = 0;
  form.querySelector("[value=look]")?.remove(); /* else Enter would press it */
  const look = async () => {
    const mine = (number += 1);
    try {
      const answer = await fetch(form.dataset.look, { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "error" });
      if (!answer.ok || mine !== number) return;
      const told = await answer.json();
      form.elements.sign_in.placeholder = told.sign_in;
      const covers = form.querySelector("[data-covers]");
      if (covers) covers.textContent = told.covers;
      for (const line of form.querySelectorAll("[data-folders]")) line.textContent = told.folders[line.dataset.folders] ?? "";
    } catch { /* what is shown stays */ }
  };
  for (const kind of ["input", "change"]) form.addEventListener(kind, () => { clearTimeout(timer); timer = setTimeout(look, WAIT); });
})();
