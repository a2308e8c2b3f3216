/* What the page keeps: private keys under the person's password, and what it knows of its exchanges, sealed for those keys. In the browser's own
 * store, and as a file that a person puts somewhere safe. */
import { base64, fromBase64 } from "./bytes.js";
import { facts, Refused } from "./facts.js";

const FORMAT = 1;

function database() {
  return new Promise((fine, broken) => {
    const asked = indexedDB.open("syncd-echanges", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("sides");
    asked.onsuccess = () => fine(asked.result);
    asked.onerror = asked.onblocked = () => broken(asked.error ?? new Error("blocked"));
  });
}

/* {locked, note, revision}, null where there is none. */
export async function readKept() {
  const store = (await database()).transaction("sides").objectStore("sides");
  return new Promise((fine, broken) => {
    const asked = store.get(facts.client);
    asked.onsuccess = () => fine(asked.result ?? null);
    asked.onerror = () => broken(asked.error);
  });
}

/* Refuses where another window has written since: its numbers would be given twice. */
export async function keep(kept) {
  const change = (await database()).transaction("sides", "readwrite"), store = change.objectStore("sides");
  return new Promise((fine, broken) => {
    let other = false;
    const asked = store.get(facts.client);
    asked.onsuccess = () => {
      other = (asked.result?.revision ?? 0) >= kept.revision;
      if (other) change.abort();
      else store.put(kept, facts.client);
    };
    change.oncomplete = () => fine();
    change.onabort = change.onerror = () => broken(other ? new Refused("elsewhere") : (change.error ?? new Error("not kept")));
  });
}

export function asFile(kept, at) {
  const { locked, note, revision } = kept;
  return new Blob([JSON.stringify({ format: FORMAT, client: facts.client, code: facts.code, saved: at, revision, keys: base64(locked), note: base64(note) }, null, 1) + "\n"]);
}

export async function fromFile(file) {
  try {
    const found = JSON.parse(await file.text());
    if (found.format !== FORMAT || found.client !== facts.client) throw new Refused(found.client ? "other_backup" : "no_backup");
    return { locked: fromBase64(found.keys), note: fromBase64(found.note), revision: found.revision, saved: found.saved };
  } catch (e) {
    throw e instanceof Refused ? e : new Refused("no_backup");
  }
}
