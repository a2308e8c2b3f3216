/* A package to the cabinet: documents, a purpose, what was read of the cabinet's; signed, sealed, handed over. */
import { openPackage, packed } from "./archive.js";
import { byCharacter, digests, hex, sha256Hex } from "./bytes.js";
import { declareLost, hasToTell, MOST_SENT, note, noteSent, receiptsOf } from "./chain.js";
import { button, doing, field, h, hand, place, tell, twice } from "./elements.js";
import { facts, Refused } from "./facts.js";
import { depositFolders, refusedBy } from "./folders.js";
import { safetyNumber, seal, sign } from "./keys.js";
import { encodeManifest, FORMAT, totals, trustedComment } from "./manifest.js";
import { isPlace, nameOf, placeKey, printable, safeName } from "./places.js";
import { countOf, momentOf, say, sizeOf } from "./words.js";

const list = []; // {path, file, sha256, crc}, until they are sent
const sealedHere = new Map(); // by name the packages of this window, which can be saved again
const draft = { folder: "", purpose: "", comment: "" };

/* Whether somebody would lose something by leaving. */
export const isDrafting = () => list.length > 0;

export function sendView(session, changed) {
  const folders = depositFolders(session.state.tree, session.state.held);
  const keeps = (name) => ({ id: name, oninput: (e) => { draft[name] = e.target.value; } });
  const folder = h("select", keeps("folder"), folders.map((f) => h("option", { value: f, selected: f === draft.folder }, f)));
  const purpose = h("input", { ...keeps("purpose"), maxlength: 200, autocomplete: "off", value: draft.purpose });
  const files = h("input", { type: "file", multiple: true, id: "documents", onchange: () => { add(session, folder.value, [...files.files]); files.value = ""; } });
  const full = session.state.sent.length >= MOST_SENT;
  const card = h(
    "section", { class: "card", id: "send", "aria-labelledby": "send-title" },
    h("h2", { id: "send-title" }, say("send")),
    full ? h("p", { class: "warned" }, say("waiting_many", { most: MOST_SENT })) : null,
    again(session, changed),
    field(say("folder"), folder), field(say("add_documents"), files, say("add_why")),
    h("div", { id: "list" }),
    field(say("purpose"), purpose),
    field(say("comment"), h("textarea", { ...keeps("comment"), maxlength: 1900 }, draft.comment)),
    h("div", { class: "making" }, h("p", { class: "hint" }, say("make_why")), button(say("make"), () => make(session, changed), { id: "make", disabled: full })),
    waiting(session, changed),
  );
  for (const kind of ["dragover", "drop"]) card.addEventListener(kind, (e) => { e.preventDefault(); if (kind === "drop") add(session, folder.value, [...e.dataTransfer.files]); });
  return card;
}

export function showList(session) {
  place("list").replaceChildren(...(!list.length ? [] : [
    h("h3", {}, say("to_send"), " ", h("span", { class: "count" }, String(list.length))),
    h("ul", { class: "rows" }, list.map((d) => h(
      "li", { "data-path": d.path }, h("span", { class: "name" }, d.path), h("span", { class: "hint" }, sizeOf(d.file.size)),
      button(say("remove"), () => { list.splice(list.indexOf(d), 1); showList(session); place("documents").focus(); }, { class: "quiet", "aria-label": say("remove_one", { name: nameOf(d.path) }) }),
    ))),
  ]));
}

function add(session, folder, files) {
  return doing(async (progress) => {
    const said = [];
    for (const [n, file] of files.entries()) {
      progress(say("working"), n / files.length);
      said.push(...(await added(session, folder, file)));
    }
    showList(session);
    if (said.length) tell(said[0], "bad", said.slice(1).map((line) => h("p", {}, line)));
  });
}

/* Sentences about what is otherwise than the person believes. */
async function added(session, folder, file) {
  const name = safeName(file.name), path = `${folder}/${name}`, { state } = session;
  const not = (why, values) => [say("not_added", { name: printable(file.name), why: say(why, values) })];
  const refusal = folder ? refusedBy(state.tree, path, file.size) : ["no_folder", {}];
  if (refusal) return not(`why_${refusal[0]}`, { ...refusal[1], most: sizeOf(refusal[1].most ?? 0) });
  if (!isPlace(path)) return not("why_bad_name");
  if (list.some((d) => placeKey(d.path) === placeKey(path))) return not("why_twice");
  const found = await digests(file).catch(() => null);
  if (!found) return not("why_unread");
  if (state.held[path] === found.sha256) return not("why_held");
  list.push({ path, file, ...found });
  return name === file.name ? [] : [say("renamed_to", { from: printable(file.name), to: name })];
}

/* -- the package itself ------------------------------------------------------------------------------------------------ */

function entryOf(state, d) {
  const base = state.held[d.path] ?? "";
  return { change: base ? "update" : "add", path: d.path, source: "", base, sha256: d.sha256, size: d.file.size, at: Math.floor(d.file.lastModified / 1000), doc: "" };
}

function manifestOf(session, entries, now) {
  const { state } = session, [count, size] = totals(entries);
  return {
    format: FORMAT, id: hex(crypto.getRandomValues(new Uint8Array(16))), cabinet: facts.cabinet, client: facts.client, code: facts.code, name: facts.name, way: "to_cabinet",
    key: session.public.signing, age: session.public.sealing, sequence: state.number + 1, prerequisite: state.anew ? null : state.last, full: state.anew,
    created: now.toISOString().slice(0, 19) + "Z", purpose: place("purpose").value.trim(), comment: place("comment").value.trim(), tree: [], receipts: receiptsOf(state),
    entries, count, size,
  };
}

function fileName(now) {
  const digits = (n) => String(n).padStart(2, "0");
  const at = [now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes(), now.getSeconds()].map(digits).join("");
  return safeName(`${facts.code}-${now.getFullYear()}${at}`) + ".syncpkg.age";
}

function make(session, changed) {
  if (!list.length && !hasToTell(session.state)) return tell(say("nothing_to_send"), "bad");
  return doing(async (progress) => {
    const state = structuredClone(session.state), now = new Date();
    const documents = list.map((d) => ({ entry: entryOf(state, d), body: d.file, crc: d.crc })).sort((a, b) => byCharacter(a.entry.path, b.entry.path));
    const manifest = manifestOf(session, documents.map((d) => d.entry), now), signed = encodeManifest(manifest);
    const plain = packed(manifest, sign(session.keys, signed, trustedComment(manifest)), documents);
    let done = 0;
    const read = (bytes) => progress(say("packing", { done: sizeOf((done += bytes)), total: sizeOf(2 * plain.size) }), Math.min(1, done / (2 * plain.size)));
    await proved(plain, session, documents, read);
    const sealed = await seal(facts.age, plain, read), file = fileName(now);
    noteSent(state, manifest, sha256Hex(signed), file);
    note(state, { kind: "made", at: now.getTime(), number: manifest.sequence, file, count: documents.length });
    await session.save(state);
    sealedHere.set(file, sealed);
    list.length = 0;
    draft.purpose = draft.comment = "";
    changed();
    tell(say("made", { number: manifest.sequence, count: countOf(documents.length) }), "ok", button(say("save_package"), () => hand(sealed, file), { id: "save-package" }),
      ...(state.answered ? [] : [h("p", {}, say("first_package")), h("p", { class: "safety-number" }, safetyNumber(session.public))]));
    hand(sealed, file);
  });
}

/* What the cabinet would find: read once more, so that a document that changed meanwhile is found here. */
async function proved(plain, session, documents, read) {
  try {
    await openPackage(plain, session.keys, () => {}, read);
  } catch (e) {
    for (const d of documents) {
      const now = await digests(d.body).catch(() => null);
      if (now?.sha256 !== d.entry.sha256) throw new Refused("document_changed", { path: d.entry.path });
    }
    throw e;
  }
}

/* -- what is on its way, and what is to be sent again ------------------------------------------------------------------ */

function waiting(session, changed) {
  const { sent } = session.state;
  if (!sent.length) return null;
  return h(
    "div", { class: "waiting" }, h("h3", {}, say("waiting")), h("p", { class: "hint" }, say("waiting_why")),
    h("ul", { class: "plain" }, sent.map((s) => h("li", {}, say("waiting_one", { number: s.prior.sequence, at: momentOf(s.prior.created), count: countOf(s.entries.length), file: s.file }),
      sealedHere.has(s.file) && [" ", button(say("save_again"), () => hand(sealedHere.get(s.file), s.file), { class: "quiet", "aria-label": `${say("save_again")} ${s.file}` })]))),
    twice(say("lost"), say("lost_sure"), () => changedState(session, (state) => { declareLost(state); note(state, { kind: "lost", at: Date.now() }); }, changed)),
  );
}

function again(session, changed) {
  if (!session.state.again.length) return null;
  return h(
    "div", { class: "again" }, h("h3", {}, say("again")), h("p", { class: "hint" }, say("again_why")),
    h("ul", { class: "rows" }, session.state.again.map((w) => h(
      "li", {}, h("span", { class: "name" }, w.path), h("span", { class: "hint" }, sizeOf(w.size)),
      button(say("forget"), () => changedState(session, (state) => { state.again = state.again.filter((o) => o.path !== w.path || o.sha256 !== w.sha256); }, changed), { class: "quiet", "aria-label": say("forget_one", { name: nameOf(w.path) }) }),
    ))),
  );
}

function changedState(session, change, changed) {
  return doing(async () => {
    const state = structuredClone(session.state);
    change(state);
    await session.save(state);
    changed();
  });
}
