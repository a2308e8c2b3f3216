"use strict";
/* A small picture that was still being made is an icon one pixel higher than usual: it is asked for again. */
(() => {
  const PENDING = 37;
  const TRIES = 6;
  const again = (img) => {
    const tries = Number(img.dataset.tries || 0);
    if (tries >= TRIES) return;
    img.dataset.tries = tries + 1;
    setTimeout(() => {
      const at = new URL(img.src);
      at.searchParams.set("essai", tries + 1);
      img.src = at;
    }, 1500 * (tries + 1));
  };
  const look = (img) => { if (img.naturalHeight === PENDING) again(img); };
  const thumb = (target) => target instanceof HTMLImageElement && target.matches(".thumb, [data-picture]");
  document.addEventListener("load", (event) => { if (thumb(event.target)) look(event.target); }, true);
  document.addEventListener("error", (event) => { if (thumb(event.target)) again(event.target); }, true);
  for (const img of document.querySelectorAll(".thumb, [data-picture]")) if (img.complete) look(img);
})();
