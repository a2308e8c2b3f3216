"use strict";
/* The panel of what is being sent, at the bottom right: one line a document, with its state, its reason and what helps. */
window.SyncdPanel = (() => {
  const { t, english } = window.Syncd;
  const make = (name, classes = "", text = "") => {
    const made = document.createElement(name);
    if (classes) made.className = classes;
    if (text) made.textContent = text;
    return made;
  };
  const number = (n, digits = 0) => n.toLocaleString(english ? "en-GB" : "fr-FR", { maximumFractionDigits: digits });
  const size = (n) => (n >= 1e6 ? `${number(n / 1e6, 1)}\u00a0${t("Mo", "MB")}` : `${number(Math.ceil(n / 1e3))}\u00a0${t("Ko", "KB")}`);
  const documents = (n) => (n === 1 ? t("1 document", "1 document") : t(`${number(n)} documents`, `${number(n)} documents`));
  const heard = {};
  const refusals = [];
  const items = new Map();
  const box = make("section", "sending");
  box.hidden = true;
  box.setAttribute("aria-label", t("Envoi", "Upload"));
  const head = box.appendChild(make("header"));
  const title = head.appendChild(make("strong"));
  title.setAttribute("role", "status");
  const fold = head.appendChild(make("button", "quiet", "▾"));
  const close = head.appendChild(make("button", "quiet", "✕"));
  fold.type = close.type = "button";
  fold.setAttribute("aria-label", t("Réduire", "Collapse"));
  fold.setAttribute("aria-expanded", "true");
  close.setAttribute("aria-label", t("Fermer", "Close"));
  close.hidden = true;
  const body = box.appendChild(make("div", "sending-body"));
  const notes = body.appendChild(make("div"));
  const list = body.appendChild(make("ul"));
  list.tabIndex = 0;
  list.setAttribute("aria-label", t("Documents de cet envoi", "Documents of this upload"));
  const foot = body.appendChild(make("footer"));
  const receipt = foot.appendChild(make("a", "button", t("Voir l'accusé", "See the receipt")));
  const more = foot.appendChild(make("button", "second more", t("Ajouter d'autres", "Add others")));
  more.type = "button";
  receipt.hidden = true;
  list.hidden = foot.hidden = true;
  document.body.append(box);
  fold.addEventListener("click", () => { body.hidden = !body.hidden; fold.textContent = body.hidden ? "▴" : "▾"; fold.setAttribute("aria-expanded", String(!body.hidden)); });
  close.addEventListener("click", () => { box.hidden = true; });
  more.addEventListener("click", () => heard.more?.());

  const open = () => { box.hidden = false; body.hidden = false; };
  const refused = (name, why, remedy) => {
    if (refusals.some((r) => r.name === name && r.why === why)) return;
    refusals.push({ name, why, remedy });
    const line = list.appendChild(make("li", "refused"));
    line.append(make("span", "name", name), make("span", "why", t(`Refusé : ${why}`, `Refused: ${why}`)));
    if (remedy) line.append(make("span", "remedy", remedy));
  };
  const item = (file) => {
    if (items.has(file.id)) return items.get(file.id);
    const line = make("li");
    const parts = { line, name: make("span", "name", file.name), state: make("span", "why"), bar: make("progress"), act: make("button", "quiet"), off: make("button", "quiet off", "✕") };
    parts.bar.max = 100;
    parts.bar.setAttribute("aria-label", file.name);
    parts.act.type = "button";
    parts.act.addEventListener("click", () => heard[parts.act.dataset.does]?.(file.id));
    parts.off.type = "button";
    parts.off.setAttribute("aria-label", t(`Retirer : ${file.name}`, `Remove: ${file.name}`));
    parts.off.addEventListener("click", () => heard.cancel?.(file.id));
    line.append(parts.name, parts.act, parts.off, parts.state, parts.bar);
    list.append(line);
    items.set(file.id, parts);
    return parts;
  };
  const outcome = (line) => ({ already: t("déjà déposé", "uploaded before"), version: t("nouvelle version", "new version"), beside: line?.message, refused: line?.message ? t(`Refusé : ${line.message}`, `Refused: ${line.message}`) : t("refusé", "refused") })[line?.outcome] ?? t("Déposé", "Uploaded");

  const waits = (n) => (n === 0 ? t("Hors ligne", "Offline") : n === 1 ? t("1 document attend le réseau", "1 document waits for the network") : t(`${number(n)} documents attendent le réseau`, `${number(n)} documents wait for the network`));
  /* Whether what waits for the network may be left alone: `unkept` documents live in this page only; null: there is a network. */
  let keeps = null;
  const says = (unkept) => {
    if (unkept === null) { keeps?.remove(); keeps = null; return; }
    keeps ??= notes.appendChild(make("p", "kept"));
    keeps.textContent = unkept ? t("Gardez cette page ouverte : l'envoi reprendra tout seul.", "Keep this page open: sending goes on by itself.") : t("Gardés sur cet appareil : ils partiront tout seuls, même si vous fermez cette page.", "Kept on this device: they go by themselves, even if you close this page.");
  };
  let reminder = null;
  /* Photographs that are in no document yet. */
  const photos = (n, resume, forget) => {
    reminder?.remove();
    reminder = null;
    if (!n) { if (!items.size && !refusals.length) box.hidden = true; return; }
    open();
    if (!items.size) title.textContent = t("Photos", "Photographs");
    reminder = notes.appendChild(make("div", "unfinished"));
    reminder.append(make("p", "", n === 1 ? t("Une photo n'est pas encore déposée.", "A photograph is not uploaded yet.") : t(`${number(n)} photos ne sont pas encore déposées.`, `${number(n)} photographs are not uploaded yet.`)));
    const ways = reminder.appendChild(make("div", "ways"));
    for (const [text, classes, does] of [[t("Reprendre", "Go on"), "", resume], [t("Effacer", "Discard"), "second", forget]]) {
      const button = ways.appendChild(make("button", classes, text));
      button.type = "button";
      button.addEventListener("click", () => { photos(0); does(); });
    }
  };
  const note = (text) => { open(); notes.appendChild(make("p", "kept", text)); };

  let from = null; /* when, and how much, to say how long it still takes */
  const rest = (sent, all) => {
    const now = Date.now();
    if (!from || sent < from.sent) from = { at: now, sent };
    const speed = (sent - from.sent) / Math.max(1, now - from.at);
    if (now - from.at < 2000 || speed <= 0) return "";
    const seconds = Math.ceil((all - sent) / speed / 1000);
    return seconds < 90 ? t(` – encore ${seconds} s`, ` – ${seconds} s left`) : t(` – encore ${Math.round(seconds / 60)} min`, ` – ${Math.round(seconds / 60)} min left`);
  };
  const show = (files, { offline, expired, number: receiptNumber, lines }) => {
    for (const [id, parts] of items) if (!files.some((f) => f.id === id)) { parts.line.remove(); items.delete(id); }
    let sent = 0;
    let all = 0;
    let done = 0;
    let failed = 0;
    for (const file of files) {
      const parts = item(file);
      const whole = Boolean(file.progress?.uploadComplete);
      all += file.size ?? 0;
      sent += whole ? file.size ?? 0 : Number(file.progress?.bytesUploaded) || 0;
      parts.line.className = whole ? "done" : file.error ? "failed" : "";
      parts.off.hidden = whole || !file.error;
      parts.bar.hidden = whole || Boolean(file.error) || offline;
      parts.bar.value = file.size ? (100 * (Number(file.progress?.bytesUploaded) || 0)) / file.size : 0;
      if (whole) {
        done += 1;
        parts.state.textContent = outcome(lines.find((l) => l.url === file.tus?.uploadUrl));
        parts.act.hidden = true;
      } else if (file.error) {
        failed += 1;
        parts.state.textContent = expired ? t("attend la connexion", "waits for you to sign in") : offline ? t("attend le réseau", "waits for the network") : String(file.error);
        parts.act.hidden = expired || offline;
        parts.act.textContent = t("Réessayer", "Try again");
        parts.act.dataset.does = "retry";
      } else {
        parts.state.textContent = offline ? t("attend le réseau", "waits for the network") : size(file.size ?? 0);
        parts.act.hidden = false;
        parts.act.textContent = t("Annuler", "Cancel");
        parts.act.dataset.does = "cancel";
      }
      parts.act.setAttribute("aria-label", `${parts.act.textContent} : ${file.name}`);
    }
    const over = files.length === done;
    says(offline && !over ? files.filter((f) => !f.kept && !f.progress?.uploadComplete).length : null);
    const percent = all ? Math.floor((100 * sent) / all) : 0;
    const no = refusals.length;
    if (expired) title.textContent = t("Votre session a expiré", "Your session has expired");
    else if (offline) title.textContent = waits(files.length - done);
    else if (!over && failed === files.length - done) title.textContent = failed === 1 ? t("Ce document n'a pas été envoyé", "This document was not sent") : t(`${failed} documents n'ont pas été envoyés`, `${failed} documents were not sent`);
    else if (!over) title.textContent = t(`Envoi de ${documents(files.length)} : ${percent}\u00a0%`, `Uploading ${documents(files.length)}: ${percent}%`) + rest(sent, all);
    else {
      const taken = t(`${done} ${done === 1 ? "déposé" : "déposés"}`, `${done} uploaded`);
      const not = no ? t(`, ${no} ${no === 1 ? "refusé" : "refusés"}`, `, ${no} refused`) : "";
      title.textContent = (files.length ? taken + not : t(`${no} ${no === 1 ? "refusé" : "refusés"}`, `${no} refused`)) + (receiptNumber ? t(` · Accusé n° ${receiptNumber}`, ` · Receipt no. ${receiptNumber}`) : "");
      from = null;
    }
    close.hidden = !over && !failed;
    list.hidden = foot.hidden = !(files.length || refusals.length);
    receipt.hidden = !(over && receiptNumber);
    if (receiptNumber) { receipt.href = `/depots/${receiptNumber}`; if (refusals.length) window.SyncdRefusals.keep(receiptNumber, refusals.map((r) => r.name + t(" : ", ": ") + r.why)); }
  };
  let form = null;
  const signIn = (send) => {
    open();
    form = make("form", "again");
    const label = form.appendChild(make("label", "", t("Mot de passe, pour continuer l'envoi", "Password, to go on")));
    const input = label.appendChild(make("input"));
    Object.assign(input, { type: "password", name: "password", required: true, autocomplete: "current-password" });
    const wrong = form.appendChild(make("p", "error"));
    wrong.setAttribute("role", "alert");
    form.appendChild(make("button", "", t("Se reconnecter", "Sign in again")));
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      wrong.textContent = "";
      const said = await send({ [input.name]: input.value }).catch(() => t("Pas de réseau : réessayez.", "No network: try again."));
      if (said === "in") return;
      if (said === "code") {
        label.firstChild.textContent = t("Code de votre application", "Code of your application");
        Object.assign(input, { type: "text", name: "code", inputMode: "numeric", autocomplete: "one-time-code", value: "" });
        input.focus();
      } else wrong.textContent = said;
    });
    notes.append(form);
    input.focus();
  };
  const signedIn = () => { form?.remove(); form = null; };
  const unfinished = (left, forget) => {
    open();
    const note = notes.appendChild(make("div", "unfinished"));
    note.setAttribute("role", "status");
    const names = left.slice(0, 3).map((b) => t(`« ${b.name} » dans « ${b.folder} »`, `“${b.name}” in “${b.folder}”`)).join(", ") + (left.length > 3 ? ", …" : "");
    title.textContent = left.length === 1 ? t("Un envoi n'est pas terminé", "A document was not sent to its end") : t(`${left.length} envois ne sont pas terminés`, `${left.length} documents were not sent to their end`);
    note.append(make("p", "", t(`Déposez à nouveau ${names} : l'envoi reprend où il s'était arrêté.`, `Drop ${names} again: sending goes on where it stopped.`)));
    const button = note.appendChild(make("button", "quiet", t("Ne plus le rappeler", "Do not remind me")));
    button.type = "button";
    button.addEventListener("click", () => { forget(); note.remove(); if (!items.size) box.hidden = true; });
    close.hidden = false;
  };
  const ask = (choices, chosen, said = t("Dans quel dossier ?", "In which folder?")) => {
    open();
    const note = notes.appendChild(make("form", "again"));
    const label = note.appendChild(make("label", "", said));
    const select = label.appendChild(make("select"));
    choices.forEach((c, n) => select.add(new Option(c.name, String(n))));
    note.appendChild(make("button", "", t("Déposer", "Upload")));
    title.textContent = t("Où déposer ?", "Where to?");
    note.addEventListener("submit", (e) => { e.preventDefault(); note.remove(); chosen(choices[Number(select.value)].place); });
    select.focus();
  };
  return { size, open, refused, note, photos, show, signIn, signedIn, unfinished, ask, on: (name, does) => { heard[name] = does; } };
})();
