"use strict";
/* What is not sent, and why: before the window of what is being sent, and on the acknowledgement that follows. */
window.SyncdRefusals = (() => {
  const english = document.documentElement.lang === "en";
  const SHOWN = 50;
  const show = (lines) => {
    document.querySelector(".refusals")?.remove();
    if (!lines.length) return;
    const box = document.createElement("div");
    box.className = "alert refusals";
    box.setAttribute("role", "alert");
    const head = document.createElement("strong");
    const [one, many] = english
      ? ["A document is not sent:", `${lines.length} documents are not sent:`]
      : ["Un document n'est pas envoyé :", `${lines.length} documents ne sont pas envoyés :`];
    head.textContent = lines.length === 1 ? one : many;
    const list = document.createElement("ul");
    for (const line of lines.slice(0, SHOWN)) list.appendChild(document.createElement("li")).textContent = line;
    if (lines.length > SHOWN) list.appendChild(document.createElement("li")).textContent = "…";
    box.append(head, list);
    document.getElementById("contenu").prepend(box);
    box.scrollIntoView({ block: "nearest" });
  };
  const KEY = "syncd-refused";
  /* Kept in this tab for the acknowledgement of that number. */
  const keep = (number, lines) => {
    try { sessionStorage.setItem(KEY, JSON.stringify({ number, lines })); } catch (e) { /* a full or forbidden store: the box was shown */ }
  };
  const shown = document.querySelector("[data-deposit]");
  if (shown) {
    try {
      const { number, lines } = JSON.parse(sessionStorage.getItem(KEY) || "{}");
      if (number === shown.dataset.deposit) show(lines);
    } catch (e) { /* nothing that we kept */ }
  }
  return { show, keep };
})();
