/* A menu closes when one clicks beside it, leaves it, or presses Escape. */
(() => {
  const close = (but) => { for (const menu of document.querySelectorAll("details[data-menu][open]")) if (menu !== but) menu.open = false; };
  document.addEventListener("click", (event) => close(event.target.closest("details[data-menu]")));
  document.addEventListener("focusin", (event) => close(event.target.closest("details[data-menu]")));
  document.addEventListener("keydown", (event) => {
    const open = document.querySelector("details[data-menu][open]");
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
})();
