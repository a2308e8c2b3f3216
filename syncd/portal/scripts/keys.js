/* / or Ctrl-K: the search; ?: the help; Z: what was just done is undone. */
document.addEventListener("keydown", (event) => {
  const find = document.querySelector("[data-find]");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && find) {
    event.preventDefault();
    find.focus();
    find.select();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || window.Syncd.writing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "/" && find) {
    event.preventDefault();
    find.focus();
    find.select();
  }
  if (event.key === "?") {
    event.preventDefault();
    document.getElementById("keyboard")?.showModal();
  }
  if (event.key.toLowerCase() === "z") {
    const undo = document.querySelector("[data-undo]");
    if (undo) {
      event.preventDefault();
      undo.click();
    }
  }
});
