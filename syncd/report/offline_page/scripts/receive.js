/* A package of the cabinet's: opened, shown, saved, acknowledged. */
import { openPackage, zipOf } from "./archive.js";
import { acknowledge, integrate, isFar, isKnown, lastReceived, note, standing } from "./chain.js";
import { digests } from "./bytes.js";
import { button, doing, h, hand, place, quiet, tell, twice } from "./elements.js";
import { facts, Refused } from "./facts.js";
import { isCarried } from "./manifest.js";
import { folderOf, freeName, nameOf } from "./places.js";
import { countOf, dayOf, momentOf, reasonOf, say, sizeOf } from "./words.js";

/* Refuses what is not to be dealt with now. What was dealt with may be read again: '' or the sentence about it. */
function checkFor(state) {
  return (m, digest) => {
    const values = { number: m.sequence, code: m.code, name: m.name };
    if (m.client !== facts.client || m.cabinet !== facts.cabinet) throw new Refused("other_client", values);
    if (m.way !== "to_company") throw new Refused("own_package");
    if (m.key !== facts.key) throw new Refused("other_key");
    if (isFar(state, m)) throw new Refused("never_made", values);
    const stands = standing(state, m, digest);
    if (stands === "gap") throw new Refused("gap", { missing: m.prerequisite.sequence, at: momentOf(m.prerequisite.created) });
    return stands === "next" ? "" : say(stands, { ...values, newest: lastReceived(state)?.sequence });
  };
}

export async function openedFor(session, file, progress) {
  let done = 0;
  const read = (bytes) => progress(say("proving", { done: sizeOf((done += bytes)), total: sizeOf(Math.max(done, file.size)) }), Math.min(1, done / (file.size || 1)));
  return openPackage(file, session.keys, checkFor(session.state), read);
}

/* The cards of a package; `changed` is called once it was acknowledged. */
export function packageView(session, found, changed) {
  const { manifest, documents } = found, saved = new Set();
  const said = [
    say("made_on", { at: momentOf(manifest.created) }), found.sealed ? say("was_sealed") : "", documents.length ? say("holds", { count: countOf(manifest.count), size: sizeOf(manifest.size) }) : say("holds_nothing"),
  ];
  const saves = documents.length ? [button(say("save_zip"), () => saveZip(found, saved), { class: "second" })] : [];
  if (documents.length && window.showDirectoryPicker) saves.push(button(say("save_folder"), () => saveFolder(found, saved), { class: "second" }));
  const left = () => documents.filter((d) => !saved.has(d.entry.path)).length;
  const acknowledging = found.before ? null : button(say("acknowledge"), () => {
    if (!left()) return void acknowledgeIt(session, found, changed);
    acknowledging.replaceWith(h("p", { class: "warned" }, say("acknowledge_sure", { count: countOf(left()) })), twice(say("acknowledge_yes"), say("acknowledge_yes"), () => acknowledgeIt(session, found, changed)));
    place("received").querySelector(".acknowledge button").focus();
  });
  return h(
    "div", { class: "package" },
    h("h3", { tabindex: "-1" }, say("from_cabinet", { number: manifest.sequence })),
    h("p", { class: "hint" }, said.filter(Boolean).join(" ")),
    found.before ? h("p", { class: "warned" }, found.before) : null,
    manifest.purpose ? h("p", {}, say("purpose_is", { text: manifest.purpose })) : null,
    manifest.comment ? h("p", { class: "comment" }, say("comment_is", { text: manifest.comment })) : null,
    found.before ? null : told(session, manifest),
    h("div", { class: "actions" }, saves),
    folders(session, found, saved),
    acknowledging && h("div", { class: "acknowledge" }, h("p", { class: "hint" }, say("acknowledge_why")), acknowledging),
  );
}

/* What it says besides documents: answers, moves, deletions, new folders. */
function told(session, manifest) {
  const { state } = session, before = new Set(state.tree.map((f) => f.path)), after = manifest.tree.map((f) => f.path);
  const lines = [];
  for (const r of manifest.receipts.filter((r) => state.sent.some((s) => s.prior.sequence === r.sequence && s.prior.manifest === r.manifest))) {
    lines.push(r.folders.length ? say("confirmed_part", { number: r.sequence, folders: r.folders.join(", ") }) : say("confirmed", { number: r.sequence }));
    for (const n of r.refused) lines.push(say("cabinet_refused", { path: n.path, reason: reasonOf(n.reason) }));
  }
  const changes = after.filter((f) => !before.has(f));
  if (changes.length) lines.push(say("tree_changed", { folders: changes.join(", ") }));
  for (const e of manifest.entries.filter((e) => !isKnown(state, e))) {
    if (e.change === "move") lines.push(say("moved", { source: e.source, path: e.path }));
    if (e.change === "delete") lines.push(say("deleted", { path: e.path }));
  }
  return lines.length ? h("ul", { class: "plain" }, lines.map((line) => h("li", {}, line))) : null;
}

function folders(session, found, saved) {
  const by = new Map();
  for (const d of found.documents) {
    const folder = folderOf(d.entry.path);
    if (!by.has(folder)) by.set(folder, []);
    by.get(folder).push(d);
  }
  return [...by].map(([folder, documents]) => {
    const rows = h("ul", { class: "rows" }), few = found.documents.length <= 200;
    const fill = () => { if (!rows.childElementCount) rows.append(...documents.map((d) => row(session, d, saved))); };
    if (few) fill();
    return h("details", { open: few, class: "folder", ontoggle: fill }, h("summary", {}, folder, " ", h("span", { class: "count" }, documents.length.toLocaleString())), rows);
  });
}

function row(session, d, saved) {
  const { entry } = d, name = nameOf(entry.path);
  const kind = isKnown(session.state, entry) ? "known" : entry.change === "update" ? "changed" : "new";
  return h(
    "li", { "data-path": entry.path },
    h("span", { class: "name" }, name),
    h("span", { class: `chip ${kind === "known" ? "" : "warn"}` }, say(kind)),
    h("span", { class: "hint" }, `${sizeOf(entry.size)} · ${dayOf(entry.at)}`),
    button(say("save"), () => { hand(new Blob([d.body], { type: "application/octet-stream" }), name); saved.add(entry.path); }, { class: "quiet", "aria-label": say("save_one", { name }) }),
  );
}

function saveZip(found, saved) {
  const { manifest, documents } = found;
  hand(zipOf(documents.map((d) => ({ name: d.entry.path, size: d.entry.size, crc: d.crc, body: d.body }))), `${manifest.code}-${manifest.sequence}.zip`);
  for (const d of documents) saved.add(d.entry.path);
}

/* Into a folder that the person chooses; what lies there is never written over. */
function saveFolder(found, saved) {
  const chosen = window.showDirectoryPicker({ mode: "readwrite" }).catch(() => null);
  return doing(async (progress) => {
    const top = await chosen, total = found.manifest.size;
    if (!top) return quiet();
    const renamed = [];
    let done = 0, count = 0;
    for (const d of found.documents) {
      const name = await written(top, d).catch(() => null);
      if (name === null) return tell(say("folder_refused"), "bad");
      if (name !== nameOf(d.entry.path)) renamed.push(name);
      saved.add(d.entry.path);
      count++;
      progress(say("writing", { done: sizeOf((done += d.entry.size)), total: sizeOf(total) }), done / (total || 1));
    }
    tell(say("saved_folder", { count: countOf(count), folder: top.name }), "ok", renamed.map((name) => h("p", {}, say("saved_renamed", { name }))));
  });
}

async function written(top, d) {
  let at = top;
  for (const part of folderOf(d.entry.path).split("/").filter(Boolean)) at = await at.getDirectoryHandle(part, { create: true });
  let there = false;
  const name = await freeName(nameOf(d.entry.path), async (candidate) => {
    const other = await at.getFileHandle(candidate).then((handle) => handle.getFile(), (e) => { if (e.name === "NotFoundError") return null; throw e; });
    there = Boolean(other) && other.size === d.entry.size && (await digests(other)).sha256 === d.entry.sha256;
    return Boolean(other) && !there;
  });
  if (there) return name;
  const into = await (await at.getFileHandle(name, { create: true })).createWritable();
  await d.body.stream().pipeTo(into);
  return name;
}

function acknowledgeIt(session, found, changed) {
  return doing(async () => {
    const { manifest, digest } = found, state = structuredClone(session.state), at = Date.now();
    for (const n of acknowledge(state, manifest.receipts)) note(state, { kind: "refused", at, path: n.path, reason: n.reason });
    integrate(state, manifest, digest, at);
    note(state, { kind: "received", at, number: manifest.sequence, count: manifest.entries.filter(isCarried).length });
    await session.save(state);
    changed({ read: true });
    tell(say("acknowledged"));
  });
}
