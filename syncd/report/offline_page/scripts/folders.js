/* The cabinet's folders as its last package told them: where this company may deposit, and what. */
import { facts } from "./facts.js";
import { folderOf, isBelow, nameOf, placeKey, splitName } from "./places.js";

function nearest(tree, folder) {
  const rules = new Map(tree.map((f) => [placeKey(f.path), f]));
  for (let at = placeKey(folder); at; at = folderOf(at)) if (rules.has(at)) return rules.get(at);
  return null;
}

function takes(tree, folder) {
  const rule = nearest(tree, folder), closed = tree.some((f) => f.direction === "none" && isBelow(placeKey(folder), placeKey(f.path)));
  return Boolean(rule) && !closed && (rule.direction === "both" || rule.direction === "to_cabinet");
}

/* Folders of the tree that take documents, and those that documents are known to lie in. */
export function depositFolders(tree, held) {
  const found = new Map(tree.map((f) => [placeKey(f.path), f.path]));
  for (const path of Object.keys(held)) if (folderOf(path)) found.set(placeKey(folderOf(path)), found.get(placeKey(folderOf(path))) ?? folderOf(path));
  return [...found.values()].filter((f) => takes(tree, f)).sort((a, b) => a.localeCompare(b, "fr"));
}

/* Why the cabinet would not take it, as [code, values]; null where it would. */
export function refusedBy(tree, path, size) {
  const rule = nearest(tree, folderOf(path)), ext = splitName(nameOf(path))[1].slice(1).toLowerCase();
  if (!takes(tree, folderOf(path))) return ["no_folder", {}];
  if (facts.never.includes(ext) || (rule.extensions.length && !rule.extensions.includes(ext))) return ["extension", { ext: ext ? `.${ext}` : "" }];
  if (!size) return ["empty", {}];
  return rule.max_size && size > rule.max_size ? ["too_large", { most: rule.max_size }] : null;
}
