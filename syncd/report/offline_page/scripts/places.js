/* Where a document may lie: nowhere else than inside, under a name that every system can hold. The rules are those of the program at the
 * cabinet (core/paths, core/naming, core/ignore_patterns). */
import { utf8 } from "./bytes.js";
import { facts, Refused } from "./facts.js";

const MOST_PATH = 2000, MOST_NAME = 255, DEEPEST = 100;
const CONTROL = /[\x00-\x1f\x7f-\x9f\\]/, SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const FORBIDDEN = /[<>:"/\\|?*\x00-\x1f]/g, NO_PART = /(?:^|\/)\.{0,2}(?:\/|$)/;
const INVISIBLE = /[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const RESERVED = /^(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)(\..*)?$/i;
const OFFICE = /^(?=[0-9]*[A-F])[0-9A-F]{8}$/;
const IGNORED = new RegExp(`^(?:${facts.ignored.map((p) => p.toLowerCase().replace(/[.+^${}()|[\]\\#]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".")).join("|")})$`, "s");

/* Two paths with one key are one place, whatever their case and accents. */
export const placeKey = (path) => path.normalize("NFC").toLowerCase().toUpperCase().toLowerCase().replace(/ς/g, "σ").normalize("NFC");
export const folderOf = (path) => path.slice(0, Math.max(0, path.lastIndexOf("/")));
export const nameOf = (path) => path.slice(path.lastIndexOf("/") + 1);
export const isBelow = (path, folder) => path === folder || path.startsWith(folder + "/");
export const isPlain = (text) => !/[\x00-\x1f\x7f-\x9f]/.test(text) && !SURROGATE.test(text);
/* What a person may be shown of a path that is none. */
export const printable = (text) => text.slice(0, 120).replace(UNSEEN, (c) => "\\u" + c.codePointAt(0).toString(16).padStart(4, "0"));

export function splitName(name) {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
}

function isIgnored(name) {
  return IGNORED.test(name.toLowerCase()) || OFFICE.test(name);
}

function nameFault(name) {
  const [stem] = splitName(name);
  return utf8(name).length > MOST_NAME || name.search(FORBIDDEN) >= 0 || name.search(INVISIBLE) >= 0 || /^ |[. ]$/.test(name) || RESERVED.test(name) || stem.endsWith(" ");
}

export function isPlace(path) {
  if (!path || CONTROL.test(path) || SURROGATE.test(path) || path !== path.normalize("NFC") || path[0] === "/" || NO_PART.test(path)) return false;
  const parts = path.split("/");
  return utf8(path).length <= MOST_PATH && parts.length <= DEEPEST && parts.every((p) => !isIgnored(p) && !p.startsWith(".syncd") && !nameFault(p));
}

export function checkPlace(path) {
  if (!isPlace(path)) throw new Refused("bad_place", { path: printable(path) });
  return path;
}

function shortened(stem, rest) {
  let characters = [...stem];
  while (characters.length && utf8(characters.join("") + rest).length > MOST_NAME) {
    characters.pop();
    while (characters.length && /\p{M}/u.test(characters.at(-1))) characters.pop();
  }
  return characters.length ? characters.join("").replace(/ +$/, "") + rest : rest;
}

/* A name that every system can hold, close to the one given. */
export function safeName(given) {
  let name = given.normalize("NFC").replace(INVISIBLE, "").replace(UNSEEN, "").replace(FORBIDDEN, "-").replace(/^ +| +$/g, "").replace(/[. ]+$/, "");
  let [stem, ext] = splitName(name);
  name = stem.replace(/ +$/, "") + ext;
  if (RESERVED.test(name)) name = "_" + name;
  [stem, ext] = splitName(name || "document");
  return shortened(stem, ext);
}

/* Another name beside those that are taken: `facture (2).pdf`. */
export async function freeName(name, taken) {
  if (!(await taken(name))) return name;
  const [stem, ext] = splitName(name);
  for (let n = 2; ; n++) {
    const other = shortened(stem, ` (${n})${ext}`);
    if (!(await taken(other))) return other;
  }
}
