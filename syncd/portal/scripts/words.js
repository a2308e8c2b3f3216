"use strict";
/* What the small scripts of a page share. `Syncd.t(french, english, values)`: in the language of the page, French as it is
   printed (core/typography.py, by the same table), then with {name} filled in; `Syncd.fold`: as one searches. */
window.Syncd = (() => {
  const english = document.documentElement.lang === "en";
  const RULES = /(<code>.*?<\/code>|<[^<>]*>|https?:\/\/\S+|`[^`]*`|\{\{[^{}]*\}\}|%\(\w+\)s|\{\w*\})(?:[ \u00a0\u202f](?=(?:Ko|Mo|Go|%|€|min|px)(?!\w)))?|[ \u00a0\u202f]+(?=[;?!»])|(«)[ \u00a0\u202f]+|[ \u00a0\u202f]+(?=:(?!\w))|(\d)[ \u00a0\u202f](?=(?:Ko|Mo|Go|%|€|min|px)(?!\w))|(n°) |(\p{L})'(?=[\p{L}{<]|%\()/gu;
  const french = (text) => text.replace(RULES, (found, kept, quote, digit, number, letter, at, whole) => {
    if (kept !== undefined) return found === kept ? kept : /[})s]$/.test(kept) && !kept.startsWith("<") ? `${kept}\u00a0` : found;
    if (quote) return "«\u202f";
    if (digit) return `${digit}\u00a0`;
    if (number) return "n°\u00a0";
    if (letter) return `${letter}’`;
    return whole[at + found.length] === ":" ? "\u00a0" : "\u202f";
  });
  const fill = (text, values) => (values ? text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all)) : text);
  const t = (inFrench, inEnglish, values) => fill(english ? inEnglish : french(inFrench), values);
  /* « élégance » is found by "elegance", « œuvre » by "oeuvre". */
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’ʼ]/g, "'");
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const writing = (target) => target instanceof Element && (target.matches("input:not([type=checkbox]):not([type=radio]), select, textarea") || target.isContentEditable);
  return { english, french, t, fold, token, writing };
})();
