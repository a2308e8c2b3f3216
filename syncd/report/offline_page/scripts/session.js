/* Whoever has given the password: keys, what is known of the exchanges, and where it is kept. */
import { facts } from "./facts.js";
import { acknowledge, newState, putBack } from "./chain.js";
import { lockKeys, newKeys, openNote, publicKeys, sealNote, unlockKeys } from "./keys.js";
import { asFile, keep } from "./store.js";

export class Session {
  constructor(keys, locked, state, revision) {
    Object.assign(this, { keys, locked, state, revision, keeps: true });
  }

  /* `before`: what an older key left here, of which only the number of its last package can be read. */
  static async begun(password, before) {
    const keys = await newKeys(), state = newState(facts);
    state.number = Math.max(state.number, before?.number ?? 0);
    state.anew = state.number > 0;
    const made = new Session(keys, await lockKeys(keys, password), state, before?.revision ?? 0);
    await made.ready();
    return made;
  }

  /* `doubt`: of a backup, whether packages may have been made since. */
  static async opened(kept, password, { doubt = false, newest = 0 } = {}) {
    const keys = await unlockKeys(kept.locked, password), state = await openNote(keys, kept.note);
    if (doubt) putBack(state);
    const made = new Session(keys, kept.locked, state, Math.max(kept.revision, newest));
    if (facts.number > state.number) acknowledge(state, [{ sequence: facts.number, manifest: "", folders: [], refused: [], later: [] }]);
    await made.ready();
    return made;
  }

  async ready() {
    this.public = await publicKeys(this.keys);
    await this.save();
  }

  /* Nothing is handed out, and nothing is said to be done, before this came to its end. */
  async save(state = this.state) {
    const note = await sealNote(this.keys, state), kept = { locked: this.locked, note, revision: this.revision + 1, number: state.number };
    if (this.keeps) {
      try {
        await keep(kept);
      } catch (e) {
        if (e.code === "elsewhere") throw e;
        this.keeps = false;
      }
    }
    this.revision = kept.revision;
    this.state = state;
    this.note = note;
  }

  backup(at) {
    return asFile(this, at);
  }
}
