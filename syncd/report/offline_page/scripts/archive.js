/* A package as a file: proved before anything of it is shown, and made. What its list says decides every byte (jobs/packages/archive). */
import { bytesOf, crc32, digests, sameBytes, sha256Hex, utf8, Window } from "./bytes.js";
import { facts, Refused } from "./facts.js";
import { memberHeader, zipTail } from "./frame.js";
import { SEALED, unseal, verify } from "./keys.js";
import { decodeManifest, encodeManifest, isCarried, MOST_BYTES, trustedComment } from "./manifest.js";

const LOCAL = 30, MOST_SIGNATURE = 1024;
const NAMES = { manifest: "manifest.json", signature: "manifest.json.minisig", readMe: "LISEZ-MOI.txt", data: "data/" };

function readMe(m) {
  const values = { code: m.code, name: m.name, sequence: m.sequence, created: m.created, count: `${m.count} ${m.count > 1 ? "documents" : "document"}`, key: m.key, sender: facts.senders[m.way] };
  return utf8(facts.readMe.replace(/\{(\w+)\}/g, (_, name) => values[name]).replace(/\n/g, "\r\n"));
}

const whole = (name, bytes) => ({ name, size: bytes.length, crc: crc32(bytes), bytes });

function fixedMembers(manifest, signed, signature) {
  return [whole(NAMES.manifest, signed), whole(NAMES.signature, signature), whole(NAMES.readMe, readMe(manifest))];
}

async function firstMember(file, at, name, most) {
  const head = await bytesOf(file, at, at + LOCAL + name.length), view = new DataView(head.buffer);
  const sound = head.length === LOCAL + name.length && view.getUint32(0, true) === 0x04034b50 && view.getUint16(26, true) === name.length && !view.getUint16(28, true);
  if (!sound || !sameBytes(head.slice(LOCAL), utf8(name))) throw new Refused("not_a_package");
  const size = view.getUint32(22, true), from = at + LOCAL + name.length;
  if (size > most) throw new Refused("too_many");
  const data = await bytesOf(file, from, from + size);
  if (data.length !== size) throw new Refused("cut");
  return data;
}

/* {manifest, digest, file, sealed, documents, before}; `documents` say where each one's bytes are. Refuses with one sentence. `check`: of the list, as soon
 * as its signature is known to be right; `before`: what it answered. */
export async function openPackage(given, keys, check, read = () => {}) {
  try {
    const sealed = sameBytes(await bytesOf(given, 0, SEALED.length), utf8(SEALED));
    const file = sealed ? await unseal(keys, given, read) : given;
    const signed = await firstMember(file, 0, NAMES.manifest, MOST_BYTES);
    const signature = await firstMember(file, LOCAL + NAMES.manifest.length + signed.length, NAMES.signature, MOST_SIGNATURE);
    const manifest = decodeManifest(signed);
    verify(manifest.key, signed, signature, trustedComment(manifest));
    const before = check(manifest, sha256Hex(signed));
    const documents = await provedDocuments(file, manifest, fixedMembers(manifest, signed, signature), read);
    return { manifest, digest: sha256Hex(signed), file, sealed, documents, before };
  } catch (e) {
    throw e instanceof DOMException ? new Refused("no_file") : e;
  }
}

async function provedDocuments(file, manifest, fixed, read) {
  const carried = manifest.entries.filter(isCarried), members = [...fixed, ...carried.map((e) => ({ name: NAMES.data + e.path, size: e.size, crc: 0, entry: e }))];
  const most = members.reduce((sum, m) => sum + memberHeader(m).length + m.size, 0) + zipTail(members).length;
  if (file.size !== most) throw new Refused(file.size < most ? "cut" : "altered");
  const window = new Window(file);
  let at = 0;
  for (const m of members) {
    const length = memberHeader(m).length, header = (await window.bytes(at, at + length)).slice(), body = file.slice(at + length, at + length + m.size);
    if (m.entry) {
      const found = await digests(body, read, { window, from: at + length });
      if (found.sha256 !== m.entry.sha256) throw new Refused("altered");
      m.crc = found.crc;
      m.body = body;
    } else if (!sameBytes(await bytesOf(body), m.bytes)) throw new Refused("altered");
    if (!sameBytes(header, memberHeader(m))) throw new Refused("altered");
    at += length + m.size;
  }
  if (!sameBytes(await bytesOf(file, at), zipTail(members))) throw new Refused("altered");
  return members.slice(fixed.length).map((m) => ({ entry: m.entry, body: m.body, crc: m.crc }));
}

/* The plain package of these documents ({entry, body, crc}): no byte of theirs is copied before it is saved. */
export function packed(manifest, signature, documents) {
  const members = [...fixedMembers(manifest, encodeManifest(manifest), signature), ...documents.map((d) => ({ name: NAMES.data + d.entry.path, size: d.entry.size, crc: d.crc, body: d.body }))];
  return zipOf(members);
}

export function zipOf(members) {
  return new Blob([...members.flatMap((m) => [memberHeader(m), m.body ?? m.bytes]), zipTail(members)]);
}
