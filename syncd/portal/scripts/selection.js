/* What is chosen in a list: `<div class="selection" data-selection="name">` goes with the checkboxes of that name. It comes up
   with the first that is ticked; a range with Shift; all by the box `data-all="name"`; Escape or ✕ lets go. Beyond the page: a box
   called "all" in the bar, with their number as `data-count`, which the button `data-whole="name"` ticks. */
(() => {
  const { t } = window.Syncd;
  for (const bar of document.querySelectorAll("[data-selection]")) {
    const name = bar.dataset.selection;
    const boxes = () => [...document.querySelectorAll(`input[type=checkbox][name="${name}"]`)];
    const every = () => document.querySelector(`[data-all="${name}"]`);
    const count = bar.querySelector(".chosen");
    const beyond = bar.querySelector("input[name=all]");
    const whole = document.querySelector(`[data-whole="${name}"]`);
    if (beyond) beyond.closest("label").hidden = true;
    let last = null;
    const show = () => {
      const found = boxes();
      const ticked = found.filter((box) => box.checked).length;
      if (beyond && ticked < found.length) beyond.checked = false;
      const n = beyond?.checked ? Number(beyond.dataset.count) : ticked;
      bar.hidden = n === 0;
      if (count) count.textContent = n < 2 ? t(`${n} choisi`, `${n} selected`) : t(`${n} choisis`, `${n} selected`);
      const all = every();
      if (all) {
        all.hidden = false;
        all.checked = ticked > 0 && ticked === found.length;
        all.indeterminate = ticked > 0 && ticked < found.length;
      }
      bar.dispatchEvent(new CustomEvent("chosen", { detail: n }));
    };
    if (whole && beyond) {
      whole.hidden = false;
      whole.addEventListener("click", () => { for (const box of boxes()) box.checked = true; beyond.checked = true; show(); });
    }
    const none = () => { for (const box of boxes()) box.checked = false; show(); };
    document.addEventListener("click", (event) => {
      const box = event.target;
      if (!(box instanceof HTMLInputElement) || box.name !== name || box.type !== "checkbox") return;
      const found = boxes();
      if (event.shiftKey && last && found.includes(last)) {
        const [from, to] = [found.indexOf(last), found.indexOf(box)].sort((a, b) => a - b);
        for (const one of found.slice(from, to + 1)) one.checked = box.checked;
      }
      last = box;
      show();
    });
    document.addEventListener("change", (event) => {
      if (event.target !== every()) return;
      for (const box of boxes()) box.checked = event.target.checked;
      show();
    });
    for (const button of bar.querySelectorAll("[data-none]")) {
      button.hidden = false;
      button.addEventListener("click", none);
    }
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !bar.hidden && !document.querySelector("dialog[open]")) none(); });
    window.addEventListener("listed", show); /* a list that was cut anew */
    window.addEventListener("pageshow", show); /* the browser ticks again what was ticked, when one comes back */
    show();
  }
})();
