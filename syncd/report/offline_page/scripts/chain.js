/* What the company's page knows of its exchanges: the same rules of numbers and receipts as at the cabinet (core/packages/chain), with one
 * difference: documents are not kept here, so each package builds on the one before it, and a lost one is named. */
import { isCarried } from "./manifest.js";
import { isBelow } from "./places.js";

const RECEIPTS = 20, AHEAD = 10_000, JOURNAL = 100;
export const MOST_SENT = 20; // not confirmed yet: more than the cabinet's receipts tell of

/* `number`: of the last package made; `last`: that one; `anew`: nothing of before can be built on; `held`: by path the SHA-256 of what both
 * sides hold; `sent`: not confirmed yet; `again`: documents that the cabinet does not have after all; `told`: the last receipt
 * that was sent; `answered`: the cabinet has taken a package that this key signed. */
export function newState(facts) {
  return { number: facts.number, last: null, anew: facts.number > 0, tree: facts.tree, held: {}, sent: [], again: [], received: [], told: 0, answered: false, journal: [] };
}

export const lastReceived = (state) => state.received.reduce((last, r) => (last && last.sequence >= r.sequence ? last : r), null);

export function standing(state, manifest, digest) {
  const done = lastReceived(state)?.sequence ?? 0, needed = manifest.prerequisite;
  if (state.received.some((r) => r.manifest === digest)) return "replayed";
  if (manifest.sequence <= done) return "older";
  if (needed && !manifest.full && !has(state, needed, done)) return "gap";
  return "next";
}

function has(state, needed, done) {
  const known = state.received.find((r) => r.sequence === needed.sequence);
  return needed.sequence <= done && (!known || known.manifest === needed.manifest);
}

export const isFar = (state, manifest) => manifest.receipts.some((r) => r.sequence > state.number + AHEAD);

export function isKnown(state, e) {
  if (e.source && e.source in state.held) return false;
  return e.sha256 ? state.held[e.path] === e.sha256 : !(e.path in state.held);
}

function hold(held, entries) {
  for (const e of entries) {
    if (e.source) delete held[e.source];
    if (e.sha256) held[e.path] = e.sha256;
    else delete held[e.path];
  }
}

const wanted = (e) => ({ path: e.path, sha256: e.sha256, size: e.size });
const inFolders = (e, folders) => !folders.length || folders.some((f) => isBelow(e.path, f));

function askAgain(state, entries) {
  for (const e of entries.filter(isCarried)) if (!state.again.some((w) => w.path === e.path && w.sha256 === e.sha256)) state.again.push(wanted(e));
}

/* What the cabinet says of this side's packages; documents that it refused, with why. */
export function acknowledge(state, receipts) {
  const refused = [];
  let newest = 0;
  for (const r of [...receipts].sort((a, b) => a.sequence - b.sequence)) {
    const mine = state.sent.find((s) => s.prior.sequence === r.sequence);
    if (r.sequence > state.number) begunAnew(state, r.sequence);
    else if (mine && mine.prior.manifest !== r.manifest) begunAnew(state, state.number);
    else if (mine) {
      refused.push(...r.refused.filter((n) => !mine.refused.includes(n.path)));
      answered(state, mine, r);
      newest = Math.max(newest, r.sequence);
    }
  }
  for (const s of state.sent.filter((s) => s.prior.sequence < newest)) askAgain(state, s.entries); // they are dealt with no more
  state.sent = state.sent.filter((s) => s.prior.sequence >= newest && (s.prior.sequence > newest || s.entries.length));
  return refused;
}

function answered(state, mine, receipt) {
  const now = mine.entries.filter((e) => inFolders(e, receipt.folders)), refused = receipt.refused.map((n) => n.path);
  hold(state.held, now.filter((e) => !receipt.later.includes(e.path) && !refused.includes(e.path)));
  askAgain(state, now.filter((e) => receipt.later.includes(e.path)));
  mine.entries = mine.entries.filter((e) => !now.includes(e));
  mine.refused = [...mine.refused, ...refused];
  mine.folders = receipt.folders;
  state.answered = true;
}

function begunAnew(state, number) {
  state.number = Math.max(number, state.number);
  state.anew = true;
  for (const s of state.sent) askAgain(state, s.entries);
  state.sent = [];
}

/* Somebody says that it never came, and never will: with it goes what was built on it. */
export function declareLost(state) {
  begunAnew(state, state.number);
}

/* Put back from a copy that may not be the last one: numbers go on above whatever was made since. */
export function putBack(state) {
  begunAnew(state, state.number + 100);
}

export function integrate(state, manifest, digest, at) {
  hold(state.held, manifest.entries);
  state.received = [...state.received, { sequence: manifest.sequence, manifest: digest, created: manifest.created, lines: manifest.entries.length, at }].slice(-4 * RECEIPTS);
  if (manifest.tree.length) state.tree = manifest.tree;
}

export function receiptsOf(state) {
  const done = [...state.received].sort((a, b) => a.sequence - b.sequence).slice(-RECEIPTS);
  return done.map((r) => ({ sequence: r.sequence, manifest: r.manifest, folders: [], refused: [], later: [] }));
}

/* Whether a package without documents would tell the cabinet anything. */
export const hasToTell = (state) => state.received.some((r) => r.lines && r.sequence > state.told);

export function noteSent(state, manifest, digest, file) {
  const prior = { sequence: manifest.sequence, manifest: digest, created: manifest.created };
  state.number = manifest.sequence;
  state.last = prior;
  state.anew = false;
  state.told = lastReceived(state)?.sequence ?? 0;
  state.sent.push({ prior, entries: manifest.entries.map((e) => ({ change: e.change, path: e.path, sha256: e.sha256, size: e.size })), folders: [], refused: [], file });
  state.again = state.again.filter((w) => !manifest.entries.some((e) => e.sha256 === w.sha256));
}

export function note(state, line) {
  state.journal = [...state.journal, line].slice(-JOURNAL);
}
