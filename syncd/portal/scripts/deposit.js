"use strict";
/* Deposits: dropped anywhere on the page, chosen, pasted or photographed, into a folder of the page; sent by sending.js. */
if (document.getElementById("envoi")) (() => {
  const { t, files: { silent, named, apart, dropped } } = window.Syncd;
  const about = document.getElementById("envoi").dataset;
  const places = [...document.querySelectorAll(".takes[data-folder]")];
  const panel = window.SyncdPanel;
  const sending = window.SyncdSending;
  let last = null; /* where documents went last */

  /* What the portal would refuse is said before anything is sent, with what helps. */
  const refusal = (place, file, over) => {
    const dot = file.name.lastIndexOf(".");
    const ext = dot > 0 ? file.name.slice(dot + 1).toLowerCase() : "";
    const allowed = place.dataset.extensions.split(",");
    if (place.dataset.never.split(",").includes(ext) || (allowed[0] && !allowed.includes(ext)))
      return [t("type de fichier non accepté", "file type not accepted") + (ext ? ` (.${ext})` : ""), t("Enregistrez-le en PDF, puis déposez-le.", "Save it as a PDF, then upload it.")];
    if (over && ext !== over.name.slice(over.name.lastIndexOf(".") + 1).toLowerCase())
      return [t("ce n'est pas le même type de fichier", "it is not the same type of file"), t(`Choisissez un fichier du même type que « ${over.name} ».`, `Choose a file of the same type as “${over.name}”.`)];
    if (!file.size) return [t("document vide", "empty document"), t("Ouvrez-le, enregistrez-le de nouveau, puis déposez-le.", "Open it, save it again, then upload it.")];
    const max = Number(place.dataset.max);
    if (max && file.size > max) return [t(`trop volumineux : ${panel.size(file.size)}, limite ${place.dataset.maxText}`, `too large: ${panel.size(file.size)}, limit ${place.dataset.maxText}`), t("Découpez-le ou réduisez sa qualité, puis déposez-le.", "Split it or lower its quality, then upload it.")];
    return null;
  };
  const add = (place, found, over = null) => {
    last = place;
    const fine = [];
    for (const file of found) {
      if (silent(file.name)) continue;
      const name = (file.relativePath || file.webkitRelativePath || file.name).replace(/^\/+/, "");
      const why = refusal(place, file, over);
      if (why) panel.refused(name, why[0], why[1]);
      else fine.push({ client: about.client, batch: about.batch, folder: place.dataset.folder, name, file, over: over?.id ?? "", base: over?.base ?? "", item: place.dataset.item ?? "" });
    }
    if (over && fine.length) panel.note(t(`« ${over.name} » reçoit une nouvelle version ; les précédentes restent.`, `“${over.name}” gets a new version; the earlier ones stay.`));
    return sending.add(fine);
  };
  panel.on("more", () => { chosen = last ?? places[0]; over = null; document.getElementById("choose").click(); });
  if (!places.length) return;

  let chosen = null;
  let over = null;
  for (const [id, selector] of [["choose", ".pick"], ["choose-folder", ".pick-folder"]]) {
    const input = document.getElementById(id);
    input.addEventListener("change", () => { void add(chosen, apart([...input.files].map((file) => named(file, id))), over); input.value = ""; });
    for (const place of places)
      for (const button of place.querySelectorAll(selector)) {
        button.hidden = false;
        button.addEventListener("click", () => { chosen = place; over = null; input.click(); });
      }
  }

  /* Photographs: the camera in the page; where there is none, the phone's own, then the same review; without either, as files. */
  const nameOf = (place) => place.dataset.name || place.dataset.folder.split("/").pop();
  const shooter = document.getElementById("camera");
  let into = null;
  let capturing = null;
  const capture = () => {
    capturing ??= new Promise((fine, broken) => {
      const script = document.createElement("script");
      script.src = about.photo;
      script.onload = () => fine(window.SyncdCapture);
      script.onerror = () => { script.remove(); capturing = null; broken(new Error("no network")); };
      document.head.append(script);
    });
    return capturing;
  };
  const photograph = (place) => {
    into = place;
    if (!navigator.mediaDevices?.getUserMedia) return void shooter.click();
    capture().then((it) => it.open(place)).catch(() => shooter.click());
  };
  shooter.addEventListener("change", () => {
    const files = [...shooter.files];
    shooter.value = "";
    capture().then((it) => it.open(into, files)).catch(() => put(apart(files.map((file) => named(file, "camera"))), into));
  });
  for (const place of places) for (const button of place.querySelectorAll(".shoot")) { button.hidden = false; button.addEventListener("click", () => photograph(place)); }
  const tabs = document.querySelector(".places");
  if (tabs) {
    const tab = document.getElementById("camera-tab").content.firstElementChild.cloneNode(true);
    tab.addEventListener("click", () => photograph(null));
    const shown = [...tabs.children].filter((one) => one.offsetParent);
    tabs.insertBefore(tab, shown[Math.ceil(shown.length / 2)] ?? null);
  }
  window.SyncdDeposit = { add, places, nameOf };
  /* Once the page is there, a phone fetches what it needs to go on photographing without a network. */
  if (matchMedia("(hover: none)").matches) addEventListener("load", () => setTimeout(() => { for (const url of [about.photo, about.pixels, document.body.dataset.uppy]) fetch(url).catch(() => null); }, 4000));
  const { waiting } = window.Syncd;
  if (waiting.any()) waiting.mine("photos").then((left) => (left.length ? capture() : null)).catch(() => null); /* it says so itself */

  document.addEventListener("syncd:replace", (e) => {
    chosen = document.getElementById("depot") ?? places[0];
    over = e.detail;
    document.getElementById("choose").click();
  });
  document.addEventListener("paste", (e) => {
    const files = [...(e.clipboardData?.files ?? [])];
    if (!files.length || window.Syncd.writing(e.target)) return;
    e.preventDefault();
    put(apart(files.map((file) => named(file, "paste"))), null);
  });
  for (const e of document.querySelectorAll(".with-js")) e.hidden = false;
  for (const e of document.querySelectorAll(".without-js")) e.hidden = true;
  for (const e of document.querySelectorAll(".without-js input")) e.required = false;

  /* What is asked for says how it stands as soon as its documents are there. */
  const standing = document.querySelector("[data-standing]");
  if (standing) document.addEventListener("syncd:deposited", async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    const now = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-standing]") : null;
    if (now) standing.replaceChildren(...now.childNodes);
  });

  /* The whole page takes what is dropped: into the folder below the pointer, else the page's own, else where one says. */
  const whole = document.getElementById("depot") ?? null;
  const inbox = places.find((place) => place.dataset.kind === "inbox") ?? null;
  const put = (files, place) => {
    const to = place ?? whole ?? inbox;
    if (to) return add(to, files);
    panel.ask(places.map((p) => ({ place: p, name: nameOf(p) })), (p) => add(p, files));
  };
  const veil = document.createElement("div");
  veil.className = "veil";
  veil.hidden = true;
  const said = veil.appendChild(document.createElement("p"));
  document.body.append(veil);
  window.Syncd.waiting.toPlace().then((all) => {
    if (!all.length) return;
    const files = apart(all.map((one) => named(one.file, "shared")));
    const said = all.length === 1 ? t(`« ${files[0].name} » : dans quel dossier ?`, `“${files[0].name}”: in which folder?`) : t(`${all.length} documents partagés : dans quel dossier ?`, `${all.length} shared documents: in which folder?`);
    panel.ask(places.map((p) => ({ place: p, name: nameOf(p) })), async (p) => { await add(p, files); await window.Syncd.waiting.placed(all.map((one) => one.id)); }, said);
  }).catch(() => null);
  const carries = (e) => e.dataTransfer?.types.includes("Files");
  const below = (e) => e.target.closest?.(".takes[data-folder]:not(#depot)") ?? null;
  let depth = 0;
  const over_ = (place) => { for (const p of places) p.classList.toggle("over", p === place); };
  const tell = (place) => {
    const to = place ?? whole ?? inbox;
    said.textContent = to ? t(`Lâchez pour déposer dans ${nameOf(to)}`, `Drop to upload to ${nameOf(to)}`) : t("Lâchez, puis choisissez le dossier", "Drop, then choose the folder");
  };
  const end = () => { depth = 0; veil.hidden = true; over_(null); document.body.classList.remove("dropping"); };
  document.addEventListener("dragenter", (e) => { if (!carries(e)) return; e.preventDefault(); depth += 1; veil.hidden = false; document.body.classList.add("dropping"); tell(below(e)); over_(below(e)); });
  document.addEventListener("dragleave", (e) => { if (!carries(e)) return; depth -= 1; if (depth <= 0) end(); });
  document.addEventListener("dragover", (e) => { if (!carries(e)) return; e.preventDefault(); e.dataTransfer.dropEffect = "copy"; });
  document.addEventListener("drop", async (e) => {
    if (!carries(e)) return;
    e.preventDefault();
    const place = below(e);
    const found = dropped(e.dataTransfer);
    end();
    put(await found, place);
  });
})();
