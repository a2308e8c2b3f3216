/* The page as a person sees it: closed until the password is given, then what comes and what goes. */
import { doing, button, field, h, hand, place, quiet, tell, twice } from "./elements.js";
import { facts, Refused } from "./facts.js";
import { safetyNumber } from "./keys.js";
import { openedFor, packageView } from "./receive.js";
import { isDrafting, sendView, showList } from "./send.js";
import { Session } from "./session.js";
import { fromFile, readKept } from "./store.js";
import { countOf, momentOf, reasonOf, say } from "./words.js";

const SHORTEST = 12;
let session = null;

const secret = (id, more) => h("input", { type: "password", id, required: true, ...more });

function form(id, title, why, act, ...inside) {
  const made = h("form", { class: "card sheet", id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), why ? h("p", { class: "hint" }, why) : null, inside);
  made.addEventListener("submit", (e) => { e.preventDefault(); act(); });
  return made;
}

function firstView() {
  const one = secret("password", { autocomplete: "new-password" }), other = secret("password-again", { autocomplete: "new-password" });
  const begin = () => doing(async () => enter(await Session.begun(chosen(one, other), null)));
  return [form("first", say("first"), say("first_why"), begin, field(say("password"), one, say("password_rule")), field(say("password_again"), other), h("div", {}, h("button", {}, say("begin")))), resumeView()];
}

function chosen(one, other) {
  if (one.value.length < SHORTEST) throw new Refused("short_password");
  if (one.value !== other.value) throw new Refused("other_password");
  return one.value;
}

function lockedView(kept) {
  const one = secret("password", { autocomplete: "current-password" });
  const open = () => doing(async () => enter(await Session.opened(kept, one.value)), () => one.select());
  return [form("locked", say("locked"), "", open, field(say("password"), one), h("div", {}, h("button", {}, say("open")))), resumeView(kept), forgottenView(kept)];
}

function resumeView(kept = null) {
  const file = h("input", { type: "file", id: "backup-file", accept: ".json", required: true }), one = secret("backup-password", { autocomplete: "current-password" });
  const doubt = h("input", { type: "checkbox", checked: true, id: "doubt" });
  const resume = () => doing(async () => {
    const found = await fromFile(file.files[0]);
    enter(await Session.opened(found, one.value, { doubt: doubt.checked, newest: kept?.revision ?? 0 }));
  });
  return h("details", { class: "card" }, h("summary", {}, say("resume")), form("resume", say("resume"), say("resume_why"), resume, field(say("resume"), file), field(say("password"), one), h("label", { class: "tick" }, doubt, say("resume_doubt")), h("div", {}, h("button", { class: "second" }, say("open")))));
}

function forgottenView(kept) {
  const again = () => { place("work").replaceChildren(...restartView(kept)); place("password").focus(); };
  return h("details", { class: "card" }, h("summary", {}, say("forgotten")), h("p", {}, say("forgotten_why")), twice(say("restart"), say("restart_sure"), again, { class: "danger" }));
}

function restartView(kept) {
  const one = secret("password", { autocomplete: "new-password" }), other = secret("password-again", { autocomplete: "new-password" });
  const begin = () => doing(async () => enter(await Session.begun(chosen(one, other), kept)));
  return [form("first", say("restart"), say("first_why"), begin, field(say("password"), one, say("password_rule")), field(say("password_again"), other), h("div", {}, h("button", {}, say("begin"))))];
}

function enter(opened) {
  session = opened;
  quiet();
  show();
  place("main").focus();
}

/* -- open ---------------------------------------------------------------------------------------------------------------- */

/* `read`: what is open of the cabinet's is dealt with. */
function show({ read = false } = {}) {
  const open = read ? [] : [...(place("received")?.childNodes ?? [])];
  place("work").replaceChildren(session.keeps ? "" : h("p", { class: "warned", id: "not-kept" }, say("not_kept")), receiveView(), sendView(session, show), keyView(), journalView());
  place("received").append(...open);
  showList(session);
}

function receiveView() {
  const input = h("input", { type: "file", id: "package", accept: ".syncpkg,.age,.zip", onchange: () => { if (input.files[0]) receive(input.files[0]); input.value = ""; } });
  const card = h("section", { class: "card", id: "receive", "aria-labelledby": "receive-title" }, h("h2", { id: "receive-title" }, say("receive")), field(say("choose_package"), input, say("receive_why", { code: facts.code })), h("div", { id: "received" }));
  for (const kind of ["dragover", "drop"]) card.addEventListener(kind, (e) => { e.preventDefault(); if (kind === "drop" && e.dataTransfer.files[0]) receive(e.dataTransfer.files[0]); });
  return card;
}

function receive(file) {
  place("received").replaceChildren();
  return doing(async (progress) => {
    const found = await openedFor(session, file, progress);
    place("received").replaceChildren(packageView(session, found, show));
  }).then(() => place("received").querySelector("h3")?.focus());
}

function keyView() {
  const { signing, sealing } = session.public;
  const said = session.saved ? say("backup_on", { at: momentOf(session.saved) }) : say("backup_never");
  const save = () => { session.saved = Date.now(); hand(session.backup(new Date().toISOString()), `Échanges ${facts.code} - sauvegarde.json`); place("backup-said").textContent = say("backup_on", { at: momentOf(session.saved) }); };
  return h(
    "section", { class: "card", id: "own-key", "aria-labelledby": "key-title" }, h("h2", { id: "key-title" }, say("own_key")),
    h("p", {}, say("safety_number_is")), h("p", { class: "safety-number" }, safetyNumber(session.public)),
    h("details", {}, h("summary", {}, say("whole_key")), h("code", { class: "long" }, `${signing}.${sealing}`)),
    h("p", { class: "hint" }, say("backup_why"), " ", h("span", { id: "backup-said" }, said)), button(say("backup"), save, { class: "second", id: "backup" }),
  );
}

function journalView() {
  const lines = [...session.state.journal].reverse().map((l) => h("li", {}, say(`journal_${l.kind}`, { at: momentOf(l.at), number: l.number, file: l.file, count: countOf(l.count ?? 0), path: l.path, reason: l.reason && reasonOf(l.reason) })));
  return h("details", { class: "card", id: "journal" }, h("summary", {}, say("journal")), lines.length ? h("ul", { class: "plain" }, lines) : h("p", {}, say("journal_empty")));
}

async function start() {
  document.documentElement.lang = facts.language;
  document.title = `${say("title")} – ${facts.code}`;
  place("brand").textContent = facts.sender;
  place("title").textContent = say("title");
  place("client").textContent = say("of_client", { code: facts.code, name: facts.name });
  place("lead").textContent = say("lead");
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (e) => e.preventDefault()); // what falls beside is not opened in its place
  window.addEventListener("beforeunload", (e) => { if (isDrafting()) e.preventDefault(); });
  if (!globalThis.crypto?.getRandomValues || !Blob.prototype.stream || !Object.hasOwn) return tell(say("too_old"), "bad");
  const kept = await readKept().catch(() => null);
  place("work").replaceChildren(...(kept ? lockedView(kept) : firstView()));
}

start();
