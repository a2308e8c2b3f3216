/* Keys: one signs what the company sends (minisign), one opens what was sealed for it (age). */
import { base64, blake2b512, collected, fromBase64, joined, sameBytes, sha256Hex, utf8 } from "./bytes.js";
import { Refused } from "./facts.js";

const { ed25519, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } = window.SyncdLibraries;
export const SEALED = "age-encryption.org/v1\n"; // how a sealed file begins
const UNTRUSTED = "untrusted comment: syncd", TRUSTED = "trusted comment: ", WORK = 16; // half a second of a small computer's time

/* {seed, id, age}: the private halves. */
export async function newKeys() {
  const seed = crypto.getRandomValues(new Uint8Array(32)), id = crypto.getRandomValues(new Uint8Array(8));
  return { seed: base64(seed), id: base64(id), age: await generateX25519Identity() };
}

/* {signing, sealing}: what the cabinet gets. */
export async function publicKeys(keys) {
  const pair = joined(utf8("Ed"), fromBase64(keys.id), ed25519.getPublicKey(fromBase64(keys.seed)));
  return { signing: base64(pair), sealing: await identityToRecipient(keys.age) };
}

/* What two people compare: the first 30 digits of a digest of both halves. */
export function safetyNumber({ signing, sealing }) {
  const digits = (BigInt("0x" + sha256Hex(utf8(`${signing}.${sealing}`))) % 10n ** 30n).toString().padStart(30, "0");
  return digits.match(/.{5}/g).join(" ");
}

export function sign(keys, data, comment) {
  const seed = fromBase64(keys.seed), signature = ed25519.sign(blake2b512(data), seed);
  const whole = ed25519.sign(joined(signature, utf8(comment)), seed);
  return utf8(`${UNTRUSTED}\n${base64(joined(utf8("ED"), fromBase64(keys.id), signature))}\n${TRUSTED}${comment}\n${base64(whole)}\n`);
}

/* Refuses unless the key has signed these very bytes with this very comment. Nothing in a signature is left to choose. */
export function verify(signing, data, signature, comment) {
  try {
    const key = fromBase64(signing), lines = new TextDecoder("utf-8", { fatal: true }).decode(signature).split("\n");
    const first = fromBase64(lines[1]), whole = fromBase64(lines[3]);
    const written = `${UNTRUSTED}\n${base64(first)}\n${TRUSTED}${comment}\n${base64(whole)}\n`;
    const sound = key.length === 42 && first.length === 74 && whole.length === 64 && base64(key) === signing && sameBytes(key.slice(0, 2), utf8("Ed")) && sameBytes(first.slice(0, 2), utf8("ED"));
    const same = sound && sameBytes(utf8(written), signature) && sameBytes(key.slice(2, 10), first.slice(2, 10));
    const by = (bytes, message) => ed25519.verify(bytes, message, key.slice(10), { zip215: false });
    if (same && by(first.slice(10), blake2b512(data)) && by(whole, joined(first.slice(10), utf8(comment)))) return;
  } catch {
    // no signature at all
  }
  throw new Refused("bad_signature");
}

export async function seal(recipient, plain, read) {
  const to = new Encrypter();
  to.addRecipient(recipient);
  return collected(await to.encrypt(plain.stream()), read);
}

export async function unseal(keys, sealed, read) {
  const by = new Decrypter();
  by.addIdentity(keys.age);
  try {
    return await collected(await by.decrypt(sealed.stream()), read);
  } catch (e) {
    if (e instanceof DOMException) throw new Refused("no_file"); // the stick was pulled
    throw new Refused("sealed_for_other");
  }
}

/* The private halves under a password: a file that the free tool `age` opens, too. */
export async function lockKeys(keys, password) {
  const to = new Encrypter();
  to.setPassphrase(password);
  to.setScryptWorkFactor(WORK);
  return to.encrypt(JSON.stringify(keys));
}

export async function unlockKeys(locked, password) {
  const by = new Decrypter();
  by.addPassphrase(password);
  try {
    return JSON.parse(await by.decrypt(locked, "text"));
  } catch {
    throw new Refused("wrong_password");
  }
}

/* What the page knows, for its own key alone; nobody who lacks the private halves can write one that is taken. */
export async function sealNote(keys, note) {
  const to = new Encrypter();
  to.addRecipient(await identityToRecipient(keys.age));
  return to.encrypt(JSON.stringify({ by: keys.seed, note }));
}

export async function openNote(keys, sealed) {
  const by = new Decrypter();
  by.addIdentity(keys.age);
  const found = JSON.parse(await by.decrypt(sealed, "text"));
  if (found.by !== keys.seed) throw new Refused("no_backup");
  return found.note;
}
