"use strict";
/* A digit files the document, the arrows go to another one. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(input|select|textarea)$/i.test(event.target.tagName)) return;
  const buttons = document.querySelectorAll(".into button");
  if (/^[1-9]$/.test(event.key) && buttons[event.key - 1]) {
    event.preventDefault();
    buttons[event.key - 1].click();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const links = [...document.querySelectorAll(".waiting a")];
    const at = links.findIndex((a) => a.hasAttribute("aria-current"));
    const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.click();
    }
  }
});
