/* From the search's field the arrows go down through what was found, and up to the field again; Enter opens, as on any link. */
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const found = [...document.querySelectorAll("[data-results] .found-list a, [data-results] .document .what > a")];
  const field = document.querySelector("[data-results] input[type=search]");
  const at = found.indexOf(event.target);
  const typing = event.target === field || event.target.matches?.("[data-find]");
  if (!found.length || (at < 0 && !typing) || (typing && step < 0)) return;
  event.preventDefault();
  const next = at < 0 ? found[0] : found[at + step] || (step < 0 ? field : null);
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
});
