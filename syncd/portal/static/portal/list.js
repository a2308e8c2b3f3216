"use strict";
/* A list of documents: chosen one by one, a range, a page or all; by the keyboard; filtered as one types; rows dragged. */
(() => {
  const { t } = window.Syncd;
  const list = () => document.getElementById("list");
  if (!list()) return;
  const form = () => document.getElementById("chosen");
  const rows = () => [...list().querySelectorAll("tr.row")];
  const box = (row) => row.querySelector("input[name=id]");
  const cuts = document.getElementById("cuts");
  let last = null; /* row that was chosen last: a range begins there */
  let at = -1; /* row of the keyboard */

  const chosen = () => rows().filter((row) => box(row)?.checked);
  const show = () => {
    const bar = form();
    if (!bar) return;
    const count = bar.elements.all.value ? Number(list().dataset.count) : chosen().length;
    bar.hidden = !count;
    bar.querySelector(".chosen").textContent = count === 1 ? t("1 choisi", "1 chosen") : t(`${count.toLocaleString("fr-FR")} choisis`, `${count.toLocaleString("en-GB")} chosen`);
    const every = list().querySelector(".every");
    const full = rows().length > 0 && chosen().length === rows().length;
    if (every) { every.checked = full; every.indeterminate = !full && chosen().length > 0; }
    const whole = bar.querySelector(".whole");
    if (whole) whole.hidden = !full || Boolean(bar.elements.all.value);
    for (const row of rows()) row.classList.toggle("chosen", Boolean(box(row)?.checked));
  };
  const choose = (row, on) => { const b = box(row); if (b) b.checked = on; };
  const none = () => { if (form()) form().elements.all.value = ""; rows().forEach((row) => choose(row, false)); show(); };
  const ready = () => {
    for (const e of list().querySelectorAll(".every, .none, .acts .more")) e.hidden = false;
    for (const row of rows()) row.draggable = Boolean(form()?.querySelector("[value=move]"));
    at = -1;
    show();
  };

  list().parentNode.addEventListener("click", (e) => {
    if (!list().contains(e.target)) return;
    if (e.target.matches(".every")) { form().elements.all.value = ""; rows().forEach((row) => choose(row, e.target.checked)); return show(); }
    if (e.target.closest(".none")) return none();
    if (e.target.closest(".whole")) { form().elements.all.value = "1"; return show(); }
    if (e.target.matches("input[name=id]")) {
      const all = rows();
      const row = e.target.closest("tr");
      if (e.shiftKey && last && all.includes(last)) {
        const [from, to] = [all.indexOf(last), all.indexOf(row)].sort((a, b) => a - b);
        for (const other of all.slice(from, to + 1)) choose(other, e.target.checked);
      }
      last = row;
      form().elements.all.value = "";
      return show();
    }
    const more = e.target.closest(".acts .more");
    if (more) openMenu(more);
    const head = e.target.closest("th a, .pages a");
    if (head) { e.preventDefault(); load(head.href, true); }
  });

  /* One menu for all rows. */
  const menu = document.getElementById("rowmenu");
  let of = null;
  const closeMenu = () => { if (menu && !menu.hidden) { menu.hidden = true; of?.querySelector(".acts .more")?.focus(); } };
  const openMenu = (button) => {
    of = button.closest("tr");
    menu.querySelector(".open").href = of.querySelector(".what a").href;
    const get = menu.querySelector(".get");
    if (get) get.href = `${of.dataset.href}/telecharger`;
    const replace = menu.querySelector(".replace");
    if (replace) replace.hidden = of.dataset.replaceable === undefined;
    menu.hidden = false;
    const place = button.getBoundingClientRect();
    menu.style.top = `${Math.max(8, Math.min(place.bottom, innerHeight - menu.offsetHeight - 8)) + scrollY}px`;
    menu.style.left = `${Math.max(8, place.right - menu.offsetWidth) + scrollX}px`;
    menu.querySelector("[role=menuitem]").focus();
  };
  document.addEventListener("click", (e) => { if (menu && !menu.hidden && !menu.contains(e.target) && !e.target.closest(".acts .more")) menu.hidden = true; });
  menu?.addEventListener("keydown", (e) => {
    const items = [...menu.querySelectorAll("[role=menuitem]:not([hidden])")];
    const n = items.indexOf(document.activeElement);
    if (e.key === "Escape") closeMenu();
    else if (e.key === "ArrowDown") items[(n + 1) % items.length].focus();
    else if (e.key === "ArrowUp") items[(n - 1 + items.length) % items.length].focus();
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  menu?.querySelector(".rename")?.addEventListener("click", () => { menu.hidden = true; rename(of); });
  menu?.querySelector(".delete")?.addEventListener("click", () => { none(); choose(of, true); act("delete"); });
  menu?.querySelector(".replace")?.addEventListener("click", () => {
    menu.hidden = true;
    document.dispatchEvent(new CustomEvent("syncd:replace", { detail: { id: of.dataset.id, base: of.dataset.version, name: of.querySelector(".what a").title } }));
  });
  const dialog = document.getElementById("rename");
  const rename = (row) => {
    if (!dialog) return;
    dialog.querySelector("[name=id]").value = row.dataset.id;
    dialog.querySelector("[name=to]").value = row.dataset.stem;
    dialog.showModal();
    dialog.querySelector("[name=to]").select();
  };
  dialog?.querySelector(".cancel").addEventListener("click", () => dialog.close());

  const act = (what, to) => {
    const bar = form();
    if (to !== undefined) {
      if (![...bar.elements.to.options].some((o) => o.value === to)) bar.elements.to.add(new Option(to, to));
      bar.elements.to.value = to;
    }
    const button = bar.querySelector(`[name=do][value=${what}]`);
    if (button) bar.requestSubmit(button);
  };

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input:not([type=checkbox]), select, textarea, dialog, .menu")) return;
    const all = rows();
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[e.key];
    if (step) {
      at = Math.max(0, Math.min(all.length - 1, at + step));
      all.forEach((row, n) => row.classList.toggle("at", n === at));
      all[at]?.querySelector(".what a").focus();
      all[at]?.scrollIntoView({ block: "nearest" });
    } else if (e.key === "Escape") none();
    else if (e.key === "x" && all[at]) { choose(all[at], !box(all[at]).checked); last = all[at]; show(); }
    else if (e.key === "a" && e.shiftKey) { all.forEach((row) => choose(row, true)); show(); }
    else if (e.key === "F2" && all[at]) rename(all[at]);
    else if (["Delete", "m", "e"].includes(e.key) && form()) {
      if (!chosen().length && all[at]) { choose(all[at], true); show(); }
      if (!chosen().length) return;
      if (e.key === "m") form().elements.to?.focus();
      else act(e.key === "e" ? "treat" : "delete");
    } else return;
    e.preventDefault();
  });
  document.addEventListener("change", (e) => { if (e.target.matches("#chosen [name=to]") && e.target.value && !e.target.dataset.keys) act("move"); });
  document.addEventListener("keydown", (e) => { /* by arrows one walks through the folders, Enter moves */
    if (!e.target.matches?.("#chosen [name=to]")) return;
    e.target.dataset.keys = "1";
    if (e.key === "Enter" && e.target.value) { e.preventDefault(); act("move"); }
  }, true);

  /* Filter, sort and pages without leaving the place. */
  let asked = 0;
  const load = async (url, keep) => {
    asked += 1;
    const mine = asked;
    const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return void location.assign(url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("list");
    if (mine !== asked) return;
    if (!fresh) return void location.assign(url);
    list().replaceWith(fresh);
    const back = page.querySelector("#rename [name=back]");
    if (dialog && back) dialog.querySelector("[name=back]").value = back.value;
    if (keep) for (const name of ["sort"]) { const of = page.querySelector(`#cuts [name=${name}]`); if (of && cuts) cuts.elements[name].value = of.value; }
    history.replaceState(null, "", url);
    ready();
  };
  if (cuts) {
    const button = cuts.querySelector("button");
    button.hidden = true;
    const go = () => load(`?${new URLSearchParams([...new FormData(cuts)].filter(([, value]) => value))}`, false);
    let timer = 0;
    cuts.addEventListener("input", (e) => { clearTimeout(timer); timer = setTimeout(go, e.target.type === "search" ? 250 : 0); });
    cuts.addEventListener("submit", (e) => { e.preventDefault(); clearTimeout(timer); go(); });
  }

  /* Rows dragged onto a folder. */
  const OURS = "application/x-syncd-rows";
  document.addEventListener("dragstart", (e) => {
    const row = e.target.closest?.("tr.row");
    if (!row || !form()) return;
    if (!box(row).checked) { none(); choose(row, true); show(); }
    e.dataTransfer.setData(OURS, "1");
    e.dataTransfer.effectAllowed = "move";
  });
  const into = (e) => (e.dataTransfer?.types.includes(OURS) ? e.target.closest?.("[data-into]") : null);
  document.addEventListener("dragover", (e) => { const place = into(e); if (place) { e.preventDefault(); e.stopPropagation(); e.dataTransfer.dropEffect = "move"; place.classList.add("over"); } }, true);
  document.addEventListener("dragleave", (e) => into(e)?.classList.remove("over"), true);
  document.addEventListener("drop", (e) => { const place = into(e); if (place) { e.preventDefault(); e.stopPropagation(); act("move", place.dataset.into); } }, true);
  document.addEventListener("syncd:deposited", () => { if (!chosen().length) load(location.href, true); });
  ready();
})();
