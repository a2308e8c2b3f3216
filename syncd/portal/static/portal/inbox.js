"use strict";
/* « À classer » without reloading: a folder's letter files the document, what comes next is there already. */
(() => {
  const desk = document.querySelector("[data-inbox]");
  if (!desk) return;
  const { t, fold, toast, writing } = window.Syncd;
  const TWICE = 400; /* milliseconds: a key struck twice means one document */
  const total = Number(desk.dataset.total);
  const bar = document.querySelector("progress.filed");
  const ahead = new Map();
  let busy = false, lately = 0;

  const rows = () => [...desk.querySelectorAll("[data-document]")];
  const current = () => rows().find((li) => li.querySelector("[aria-current]"));
  const form = () => desk.querySelector("#into");
  const address = (li) => li.querySelector("a").href;
  const ticked = () => rows().filter((li) => li.querySelector("input").checked);

  const part = (li) => {
    const id = li.dataset.document;
    if (!ahead.has(id)) ahead.set(id, fetch(address(li), { headers: { "X-Part": "1" }, credentials: "same-origin" }).then((a) => (a.ok ? a.text() : Promise.reject(new Error(a.status)))));
    return ahead.get(id);
  };
  const prepare = () => {
    const list = rows(), next = list[list.indexOf(current()) + 1];
    if (next) part(next).then((html) => { /* its document too, while this one is read */
      const source = new DOMParser().parseFromString(html, "text/html").querySelector("[data-source]")?.dataset.source;
      if (source) fetch(source, { credentials: "same-origin" }).then((a) => a.arrayBuffer()).catch(() => null);
    }).catch(() => ahead.delete(next.dataset.document));
  };

  const dress = () => {
    const seek = form().querySelector("[data-seek]");
    seek.hidden = false;
    form().querySelector(".keys").hidden = false;
    seek.addEventListener("input", () => {
      const words = fold(seek.value).split(/\s+/).filter(Boolean);
      for (const button of form().querySelectorAll("[data-folded]")) button.hidden = !words.every((w) => button.dataset.folded.includes(w));
    });
    const mine = current()?.dataset.client;
    for (const li of rows()) li.querySelector("input").disabled = li.dataset.client !== mine;
  };

  async function open(li) {
    let html;
    try { html = await part(li); } catch { location.href = address(li); return; }
    ahead.delete(li.dataset.document);
    current()?.querySelector("a").removeAttribute("aria-current");
    li.querySelector("a").setAttribute("aria-current", "true");
    if (ticked().some((other) => other.dataset.client !== li.dataset.client)) for (const other of rows()) other.querySelector("input").checked = false;
    const fresh = new DOMParser().parseFromString(html, "text/html");
    desk.querySelector(".view").replaceWith(fresh.querySelector(".view"));
    form().replaceWith(fresh.querySelector("#into"));
    history.replaceState(null, "", address(li));
    li.scrollIntoView({ block: "nearest" });
    dress();
    document.dispatchEvent(new CustomEvent("came-up", { detail: desk.querySelector(".view") }));
    prepare();
  }

  function done(answer) {
    const list = rows(), at = list.indexOf(current()), gone = new Set(answer.gone);
    const next = list.slice(at).find((li) => !gone.has(li.dataset.document)) || list.findLast((li) => !gone.has(li.dataset.document));
    const stays = current() && !gone.has(current().dataset.document);
    for (const li of list) if (gone.has(li.dataset.document)) li.remove();
    for (const head of desk.querySelectorAll(".whose")) if (!desk.querySelector(`[data-document][data-client="${head.dataset.client}"]`)) head.remove();
    document.querySelector("[data-left]").textContent = answer.left < 2 ? t(`${answer.left} restant`, `${answer.left} left`) : t(`${answer.left} restants`, `${answer.left} left`);
    const place = document.querySelector(".places [aria-current] b");
    if (place && place.textContent.trim() === String(total)) place.dataset.all = "1";
    if (place?.dataset.all) { place.textContent = answer.left; place.hidden = !answer.left; }
    bar.hidden = false;
    bar.value = Math.max(0, total - answer.left);
    if (!next && answer.left) { location.reload(); return; }
    if (!next) {
      const end = document.getElementById("filed-all").content.cloneNode(true);
      desk.replaceWith(end);
      bar.remove();
    } else if (!stays) open(next);
  }

  async function send(button) {
    if (busy || Date.now() - lately < TWICE) return;
    busy = true;
    const said = new FormData(form(), button);
    try {
      const answer = await fetch(form().action, { method: "POST", body: said, headers: { "X-Part": "1" }, credentials: "same-origin", redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      lately = Date.now();
      toast(told.said, { kind: told.kind, undo: told.undo });
      if (told.gone.length) done(told);
    } catch {
      toast(t("Le document n'a pas été classé : vérifiez la connexion, puis recommencez.", "The document was not filed: check the connection, then try again."), { kind: "bad" });
    } finally { busy = false; }
  }

  desk.addEventListener("submit", (event) => {
    if (event.target !== form()) return;
    event.preventDefault();
    if (event.submitter) send(event.submitter);
  });
  desk.addEventListener("click", (event) => {
    const link = event.target.closest(".waiting a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.closest("li"));
  });
  const step = (by) => {
    const list = rows(), to = list[list.indexOf(current()) + by];
    if (to) open(to);
  };
  const alt = {
    KeyJ: () => step(1), KeyK: () => step(-1), KeyX: () => current()?.querySelector("input").click(), KeyZ: () => document.querySelector("[data-undo]")?.click(),
    KeyM: () => form().querySelector("[data-seek]").focus(), KeyE: () => form().querySelector("[name=name]").focus(),
  };
  /* Before any other listener: on this page the letters are the folders'. */
  window.addEventListener("keydown", (event) => {
    if (!form() || document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey) return;
    const take = (deed) => { event.preventDefault(); event.stopImmediatePropagation(); if (!event.repeat) deed(); };
    if (event.altKey) { if (alt[event.code]) take(alt[event.code]); return; }
    const seek = form().querySelector("[data-seek]");
    if (event.target === seek && event.key === "Enter") { take(() => { const first = form().querySelector(".all [data-folded]:not([hidden])"); if (first) send(first); }); return; }
    if (event.target === seek && event.key === "Escape") { take(() => { seek.value = ""; seek.dispatchEvent(new Event("input")); seek.blur(); }); return; }
    if (event.target.name === "name" && event.key === "Enter") { take(() => seek.focus()); return; }
    if (writing(event.target)) return;
    if (/^[a-z]$/i.test(event.key)) { take(() => { const button = form().querySelector(`[data-letter="${event.key.toLowerCase()}"]`); if (button) send(button); }); return; }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { take(() => step(event.key === "ArrowDown" ? 1 : -1)); return; }
    if (event.key === "Enter" && !(event.target instanceof Element && event.target.closest("a, button, summary, input"))) take(() => seek.focus());
  }, true);
  dress();
  prepare();
})();
