"use strict";
/* Rows that are put in order: by their handle with mouse or finger, by ↑ and ↓ on it, without a script by their numbers. */
(() => {
  const body = document.querySelector("tbody[data-order]");
  if (!body) return;
  const { t } = window.Syncd;
  const said = document.body.appendChild(document.createElement("p"));
  said.className = "quietly";
  said.setAttribute("role", "status");
  const rows = () => [...body.rows];
  const name = (row) => row.dataset.name;
  const number = (row) => {
    rows().forEach((one, n) => { one.querySelector("[name^=place-]").value = n + 1; });
    if (row) said.textContent = t("{name} : {n} sur {all}", "{name}: {n} of {all}", { name: name(row), n: rows().indexOf(row) + 1, all: rows().length });
  };
  const move = (row, before) => {
    if (before === row || before === row.nextElementSibling) return;
    body.insertBefore(row, before);
  };
  for (const row of rows()) {
    const place = row.querySelector("[name^=place-]");
    place.type = "hidden";
    const handle = document.createElement("button");
    Object.assign(handle, { type: "button", className: "quiet handle", textContent: "⠿" });
    handle.setAttribute("aria-label", t("Déplacer {name} : glissez, ou ↑ et ↓", "Move {name}: drag, or ↑ and ↓", { name: name(row) }));
    place.after(handle);
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const to = rows()[rows().indexOf(row) + by];
      if (!to) return;
      move(row, by < 0 ? to : to.nextElementSibling);
      number(row);
      handle.focus();
    });
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      row.classList.add("dragged");
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const over = rows().find((one) => { const box = one.getBoundingClientRect(); return event.clientY >= box.top && event.clientY < box.bottom; });
      if (!over || over === row) return;
      const box = over.getBoundingClientRect();
      const below = rows().indexOf(over) > rows().indexOf(row);
      /* The others go around the row, which stays where it is: it would lose the pointer. */
      if (below && event.clientY > box.top + box.height / 2) while (row.previousElementSibling !== over) body.insertBefore(row.nextElementSibling, row);
      if (!below && event.clientY < box.top + box.height / 2) while (row.nextElementSibling !== over) row.after(row.previousElementSibling);
    });
    for (const end of ["pointerup", "pointercancel"]) handle.addEventListener(end, () => { row.classList.remove("dragged"); number(row); });
  }
  number(null);
})();
