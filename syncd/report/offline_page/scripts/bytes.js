/* Bytes and their digests, a piece at a time: no large document is ever held whole. */
const { blake2b, sha256 } = window.SyncdLibraries;

export const PIECE = 4 * 1024 * 1024;
const SMALL = 16 * 1024; // up to here asking the browser takes longer than the sum itself
const NATIVE = 64 * 1024 * 1024; // up to here the browser's own SHA-256, five times as quick, which takes a document whole

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);
export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
export const base64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
export const blake2b512 = (bytes) => blake2b(bytes, { dkLen: 64 });
export const sha256Hex = (bytes) => hex(sha256(bytes));

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

export const joined = (...parts) => allJoined(parts);

export function allJoined(parts) {
  const found = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) { found.set(part, at); at += part.length; }
  return found;
}

export function sameBytes(a, b) {
  if (a.length !== b.length) return false;
  let differs = 0;
  for (let i = 0; i < a.length; i++) differs |= a[i] ^ b[i];
  return differs === 0;
}

export async function bytesOf(blob, from = 0, to = blob.size) {
  return new Uint8Array(await blob.slice(from, to).arrayBuffer());
}

export async function* pieces(blob) {
  for (let at = 0; at < blob.size; at += PIECE) yield bytesOf(blob, at, Math.min(at + PIECE, blob.size));
}

const TABLES = (() => {
  const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    tables[0][n] = c;
  }
  for (let n = 0; n < 256; n++) for (let t = 1; t < 8; t++) tables[t][n] = (tables[t - 1][n] >>> 8) ^ tables[0][tables[t - 1][n] & 255];
  return tables;
})();

export function crc32(bytes, before = 0) {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  let c = ~before, i = 0;
  for (; i + 8 <= bytes.length; i += 8) {
    c ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    c = t7[c & 255] ^ t6[(c >>> 8) & 255] ^ t5[(c >>> 16) & 255] ^ t4[c >>> 24] ^ t3[bytes[i + 4]] ^ t2[bytes[i + 5]] ^ t1[bytes[i + 6]] ^ t0[bytes[i + 7]];
  }
  for (; i < bytes.length; i++) c = (c >>> 8) ^ t0[(c ^ bytes[i]) & 255];
  return ~c >>> 0;
}

/* A file's bytes near where it was read last are at hand: thousands of small documents are not asked for one by one. */
export class Window {
  #file;
  #from = 0;
  #held = new Uint8Array();

  constructor(file) {
    this.#file = file;
  }

  async bytes(from, to) {
    const end = Math.min(to, this.#file.size);
    if (end - from > PIECE) return bytesOf(this.#file, from, end);
    if (from < this.#from || end > this.#from + this.#held.length) {
      this.#held = await bytesOf(this.#file, from, Math.min(from + PIECE, this.#file.size));
      this.#from = from;
    }
    return this.#held.subarray(from - this.#from, end - this.#from);
  }
}

async function digestsOf(bytes) {
  const native = bytes.length > SMALL && globalThis.crypto?.subtle;
  return { sha256: native ? hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))) : sha256Hex(bytes), crc: crc32(bytes) };
}

/* A document's SHA-256 and CRC-32. `near`: of a file that it lies in, from there on. `read` is told how many bytes went by. */
export async function digests(blob, read = () => {}, near = null) {
  if (blob.size <= (globalThis.crypto?.subtle ? NATIVE : SMALL)) {
    const found = await digestsOf(near && blob.size <= PIECE ? await near.window.bytes(near.from, near.from + blob.size) : await bytesOf(blob));
    read(blob.size);
    return found;
  }
  const sha = sha256.create();
  let crc = 0;
  for await (const piece of pieces(blob)) { sha.update(piece); crc = crc32(piece, crc); read(piece.length); }
  return { sha256: hex(sha.digest()), crc };
}

/* What a stream gives, kept by the browser outside the heap of scripts (on its disk where it is much). */
export async function collected(stream, read = () => {}) {
  const parts = [], reader = stream.getReader();
  let held = [], size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (value) { held.push(value); size += value.length; read(value.length); }
    if (size >= PIECE || done) { parts.push(new Blob(held)); held = []; size = 0; }
    if (done) return new Blob(parts);
  }
}

/* Text is ordered by its characters, as Python does, and not by their halves. */
export function byCharacter(a, b) {
  const x = [...a], y = [...b];
  for (let i = 0; i < x.length && i < y.length; i++) {
    const d = x[i].codePointAt(0) - y[i].codePointAt(0);
    if (d) return d;
  }
  return x.length - y.length;
}
