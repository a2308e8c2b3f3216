"use strict";
/* What the small scripts of a page share: `Syncd.t(french, english)` in the language of the page, `Syncd.fold` for searching. */
window.Syncd = (() => {
  const english = document.documentElement.lang === "en";
  const t = (french, inEnglish) => (english ? inEnglish : french);
  /* « élégance » is found by "elegance", « œuvre » by "oeuvre". */
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’ʼ]/g, "'");
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const writing = (target) => target instanceof Element && (target.matches("input:not([type=checkbox]):not([type=radio]), select, textarea") || target.isContentEditable);
  return { english, t, fold, token, writing };
})();
