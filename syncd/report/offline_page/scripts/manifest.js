/* A package's list: the same facts are always the same bytes, and no other bytes are taken (core/packages/manifest). */
import { utf8 } from "./bytes.js";
import { Refused } from "./facts.js";
import { checkPlace, folderOf, isPlain, placeKey } from "./places.js";
import { byCharacter } from "./bytes.js";

export const FORMAT = 1;
export const MOST_BYTES = 100_000_000;
const MOST_ENTRIES = 250_000;
const EARLIEST = -62135510400, LATEST = 253402214399;
const ID = /^[0-9a-f]{32}$/, SHA = /^[0-9a-f]{64}$/, AT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const SHAPES = { add: [false, true, false], update: [true, true, false], move: [true, true, true], delete: [true, false, false] };

const text = (v) => typeof v === "string";
const whole = (v) => Number.isSafeInteger(v);
const truth = (v) => typeof v === "boolean";
const among = (...words) => (v) => words.includes(v);
const texts = (v) => Array.isArray(v) && v.every(text);
const NEEDED = Symbol("needed");

/* [name, what it may be, what it is where it is not said, how what is inside is made] */
const PRIOR = [["sequence", whole, NEEDED], ["manifest", text, NEEDED], ["created", text, ""]];
const NOT_TAKEN = [["path", text, NEEDED], ["reason", text, NEEDED], ["detail", text, ""]];
const RECEIPT = [["sequence", whole, NEEDED], ["manifest", text, NEEDED], ["folders", texts, []], ["refused", Array.isArray, [], NOT_TAKEN], ["later", texts, []]];
const FOLDER = [ // whether the usual kind is written is its sender's choice
  ["path", text, NEEDED], ["kind", text, undefined], ["direction", among("both", "to_portal", "to_cabinet", "none"), "both"], ["max_size", whole, 0],
  ["extensions", texts, []], ["restricted", truth, false],
];
const ENTRY = [
  ["change", among("add", "update", "move", "delete"), NEEDED], ["path", text, NEEDED], ["source", text, ""], ["base", text, ""], ["sha256", text, ""],
  ["size", whole, 0], ["at", whole, 0], ["doc", text, ""],
];
const MANIFEST = [
  ["format", whole, NEEDED], ["id", text, NEEDED], ["cabinet", text, NEEDED], ["client", text, NEEDED], ["code", text, NEEDED], ["name", text, NEEDED],
  ["way", among("to_company", "to_cabinet"), NEEDED], ["key", text, NEEDED], ["age", text, ""], ["sequence", whole, NEEDED], ["prerequisite", (v) => v !== null && typeof v === "object", null, PRIOR],
  ["full", truth, false], ["created", text, NEEDED], ["purpose", text, ""], ["comment", text, ""], ["tree", Array.isArray, [], FOLDER],
  ["receipts", Array.isArray, [], RECEIPT], ["entries", Array.isArray, [], ENTRY], ["count", whole, 0], ["size", whole, 0],
];

function filled(given, shape) {
  if (given === null || typeof given !== "object" || Array.isArray(given)) throw new Refused("not_ours");
  const found = {};
  for (const [name, fits, usual, inside] of shape) {
    const value = Object.hasOwn(given, name) ? given[name] : usual;
    if (value === NEEDED || (Object.hasOwn(given, name) && !fits(value))) throw new Refused("not_ours");
    found[name] = !inside || value === null ? value : Array.isArray(value) ? value.map((v) => filled(v, inside)) : filled(value, inside);
  }
  return found;
}

function written(full, shape) {
  const found = {};
  for (const [name, , usual, inside] of shape) {
    const value = full[name];
    if (value === usual || (Array.isArray(usual) && !value.length)) continue;
    found[name] = !inside || value === null ? value : Array.isArray(value) ? value.map((v) => written(v, inside)) : written(value, inside);
  }
  return found;
}

export function encodeManifest(manifest) {
  return utf8(JSON.stringify(written(manifest, MANIFEST)) + "\n");
}

export const isCarried = (e) => e.change === "add" || e.change === "update";
export const trustedComment = (m) => `dossier:${m.code} seq:${m.sequence} ${m.way} ${m.created}`;

export function totals(entries) {
  const carried = entries.filter(isCarried);
  return [carried.length, carried.reduce((sum, e) => sum + e.size, 0)];
}

export function decodeManifest(data) {
  let said, given;
  try {
    said = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    given = JSON.parse(said);
  } catch {
    throw new Refused("not_ours");
  }
  if (whole(given?.format) && given.format > FORMAT) throw new Refused("later");
  const found = filled(given, MANIFEST);
  if (found.entries.length > MOST_ENTRIES) throw new Refused("too_many");
  if (!areFacts(found)) throw new Refused("not_ours");
  for (const folder of found.tree) checkPlace(folder.path);
  for (const receipt of found.receipts) receipt.folders.forEach(checkPlace);
  checkEntries(found.entries);
  if (JSON.stringify(written(found, MANIFEST)) + "\n" !== said) throw new Refused("not_ours");
  return found;
}

function isDate(said) {
  return AT.test(said) && !Number.isNaN(Date.parse(said)) && new Date(said).toISOString().slice(0, 19) + "Z" === said;
}

function areFacts(m) {
  const [count, size] = totals(m.entries);
  const priors = [...m.receipts, ...(m.prerequisite ? [m.prerequisite] : [])];
  const words = [m.name, m.purpose, ...m.tree.flatMap((f) => [f.kind ?? "", ...f.extensions])];
  const answers = m.receipts.flatMap((r) => [...r.later, ...r.refused.flatMap((n) => [n.path, n.reason, n.detail])]);
  return (
    m.format === FORMAT && [m.id, m.cabinet, m.client].every((i) => ID.test(i)) && /^[^\x00-\x20/\\:*?"<>|\x7f]{1,50}$/u.test(m.code) && isDate(m.created) &&
    /^[0-9A-Za-z+/=]{56}$/.test(m.key) && /^(age1[0-9a-z]{1,100})?$/.test(m.age) && m.sequence >= 1 && m.sequence < 2 ** 31 &&
    (!m.prerequisite || isDate(m.prerequisite.created)) && priors.every((p) => p.sequence >= 1 && p.sequence < 2 ** 31 && SHA.test(p.manifest)) &&
    words.every((w) => [...w].length <= 255 && isPlain(w)) && answers.every((w) => [...w].length <= 4096 && isPlain(w)) &&
    [...m.comment].length <= 2000 && m.comment.split("\n").every(isPlain) && m.tree.every((f) => f.max_size >= 0) &&
    m.count === count && m.size === size && !(m.tree.length && m.way === "to_cabinet") && m.entries.every(isEntry)
  );
}

function isEntry(e) {
  const shape = [e.base, e.sha256, e.source].map(Boolean);
  return (
    SHAPES[e.change].every((needed, i) => needed === shape[i]) && [e.base, e.sha256].every((s) => !s || SHA.test(s)) && e.size >= 0 &&
    Boolean(e.sha256 || !e.size) && e.at >= EARLIEST && e.at <= LATEST && (!e.doc || ID.test(e.doc))
  );
}

function checkEntries(entries) {
  const seen = new Set(), sources = new Set(), held = new Set();
  let before = null;
  for (const e of entries) {
    for (const place of e.source ? [e.path, e.source] : [e.path]) checkPlace(place);
    const key = placeKey(e.path);
    if (seen.has(key)) throw new Refused("twice", { path: e.path });
    if (before !== null && byCharacter(before, e.path) >= 0) throw new Refused("not_ours");
    seen.add(key);
    if (e.change !== "delete") held.add(key);
    before = e.path;
  }
  for (const { source } of entries.filter((e) => e.source)) {
    const key = placeKey(source);
    if (sources.has(key) || seen.has(key)) throw new Refused("not_ours");
    sources.add(key);
  }
  for (const e of entries) {
    for (let up = folderOf(placeKey(e.path)); e.change !== "delete" && up; up = folderOf(up)) if (held.has(up)) throw new Refused("twice", { path: e.path });
  }
}
