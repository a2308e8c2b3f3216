/* An ordinary ZIP that stores its members as they are: the very bytes that the program at the cabinet writes (package_file/archive). */
import { allJoined, utf8 } from "./bytes.js";

const MOST = 2 ** 31 - 1, FULL = 0xffffffff, DAY = 33; // 1 January 1980

/* `fields`: width and value by turns; `texts` follow. */
function packed(fields, ...texts) {
  let length = 0, at = 0;
  for (let n = 0; n < fields.length; n += 2) length += fields[n];
  const head = length;
  for (const text of texts) length += text.length;
  const found = new Uint8Array(length), view = new DataView(found.buffer);
  for (let n = 0; n < fields.length; n += 2) {
    const width = fields[n], value = fields[n + 1];
    if (width === 8) view.setBigUint64(at, BigInt(value), true);
    else if (width === 4) view.setUint32(at, value, true);
    else view.setUint16(at, value, true);
    at += width;
  }
  at = head;
  for (const text of texts) { found.set(text, at); at += text.length; }
  return found;
}

const NONE = new Uint8Array();
const isWide = (bytes, text) => (bytes.length === text.length ? 0 : 0x800);

/* Of a member {name, size, crc}. */
export function memberHeader(m) {
  const name = utf8(m.name), large = m.size > MOST, size = large ? FULL : m.size;
  const extra = large ? packed([2, 1, 2, 16, 8, m.size, 8, m.size]) : NONE;
  return packed([4, 0x04034b50, 2, large ? 45 : 20, 2, isWide(name, m.name), 2, 0, 2, 0, 2, DAY, 4, m.crc, 4, size, 4, size, 2, name.length, 2, extra.length], name, extra);
}

/* The ZIP's directory, behind all members. */
export function zipTail(members) {
  const rows = [];
  let offset = 0, length = 0;
  for (const m of members) {
    const name = utf8(m.name), row = directoryRow(m, name, offset);
    rows.push(row);
    length += row.length;
    offset += 30 + name.length + (m.size > MOST ? 20 : 0) + m.size;
  }
  const count = members.length, shown = Math.min(count, 0xffff);
  if (count > 0xffff || offset > MOST || length > MOST) {
    rows.push(packed([4, 0x06064b50, 8, 44, 2, 45, 2, 45, 4, 0, 4, 0, 8, count, 8, count, 8, length, 8, offset]));
    rows.push(packed([4, 0x07064b50, 4, 0, 8, offset + length, 4, 1]));
  }
  rows.push(packed([4, 0x06054b50, 2, 0, 2, 0, 2, shown, 2, shown, 4, Math.min(length, FULL), 4, Math.min(offset, FULL), 2, 0]));
  return allJoined(rows);
}

function directoryRow(m, name, offset) {
  const large = m.size > MOST, far = offset > MOST, size = large ? FULL : m.size;
  const wide = [...(large ? [8, m.size, 8, m.size] : []), ...(far ? [8, offset] : [])];
  const extra = wide.length ? packed([2, 1, 2, 4 * wide.length, ...wide]) : NONE, version = extra.length ? 45 : 20;
  return packed(
    [
      4, 0x02014b50, 2, version | (3 << 8), 2, version, 2, isWide(name, m.name), 2, 0, 2, 0, 2, DAY, 4, m.crc, 4, size, 4, size, 2, name.length, 2, extra.length, 2, 0, 2, 0, 2, 0,
      4, (0o100644 << 16) >>> 0, 4, far ? FULL : offset,
    ],
    name, extra,
  );
}
