/* An ordinary ZIP that stores its members as they are: the very bytes that the program at the cabinet writes (jobs/packages/archive). */
import { joined, utf8 } from "./bytes.js";

const MOST = 2 ** 31 - 1, FULL = 0xffffffff, DAY = 33; // 1 January 1980

function packed(...fields) {
  const found = new DataView(new ArrayBuffer(fields.reduce((sum, [width]) => sum + width, 0)));
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 8) found.setBigUint64(at, BigInt(value), true);
    else if (width === 4) found.setUint32(at, value, true);
    else found.setUint16(at, value, true);
    at += width;
  }
  return new Uint8Array(found.buffer);
}

/* Of a member {name, size, crc}. */
export function memberHeader(m) {
  const name = utf8(m.name), large = m.size > MOST;
  const extra = large ? packed([2, 1], [2, 16], [8, m.size], [8, m.size]) : new Uint8Array();
  const size = large ? FULL : m.size;
  return joined(
    packed([4, 0x04034b50], [2, large ? 45 : 20], [2, name.length === m.name.length ? 0 : 0x800], [2, 0], [2, 0], [2, DAY], [4, m.crc], [4, size], [4, size], [2, name.length], [2, extra.length]),
    name, extra,
  );
}

/* The ZIP's directory, behind all members. */
export function zipTail(members) {
  const rows = [];
  let offset = 0, length = 0;
  for (const m of members) {
    const row = directoryRow(m, offset);
    rows.push(row);
    length += row.length;
    offset += memberHeader(m).length + m.size;
  }
  const count = members.length, end = [];
  if (count > 0xffff || offset > MOST || length > MOST) {
    end.push(packed([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, length], [8, offset]));
    end.push(packed([4, 0x07064b50], [4, 0], [8, offset + length], [4, 1]));
  }
  end.push(packed([4, 0x06054b50], [2, 0], [2, 0], [2, Math.min(count, 0xffff)], [2, Math.min(count, 0xffff)], [4, Math.min(length, FULL)], [4, Math.min(offset, FULL)], [2, 0]));
  return joined(...rows, ...end);
}

function directoryRow(m, offset) {
  const name = utf8(m.name), large = m.size > MOST, far = offset > MOST;
  const wide = [...(large ? [[8, m.size], [8, m.size]] : []), ...(far ? [[8, offset]] : [])];
  const extra = wide.length ? packed([2, 1], [2, 8 * wide.length], ...wide) : new Uint8Array();
  const version = wide.length ? 45 : 20, size = large ? FULL : m.size;
  return joined(
    packed(
      [4, 0x02014b50], [2, version | (3 << 8)], [2, version], [2, name.length === m.name.length ? 0 : 0x800], [2, 0], [2, 0], [2, DAY], [4, m.crc], [4, size], [4, size],
      [2, name.length], [2, extra.length], [2, 0], [2, 0], [2, 0], [4, (0o100644 << 16) >>> 0], [4, far ? FULL : offset],
    ),
    name, extra,
  );
}
