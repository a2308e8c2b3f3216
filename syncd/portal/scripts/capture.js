"use strict";
/* Receipts photographed in a row: the camera, what was taken, and where it goes. `SyncdCapture.open(place, files)`. */
window.SyncdCapture = (() => {
  const { t } = window.Syncd;
  const photos = window.SyncdPhotos;
  const deposit = window.SyncdDeposit;
  const make = (name, classes = "", text = "") => { const made = document.createElement(name); if (classes) made.className = classes; if (text) made.textContent = text; return made; };
  const button = (text, classes, does) => { const made = make("button", classes, text); made.type = "button"; made.addEventListener("click", does); return made; };
  const box = make("dialog", "capture");
  box.setAttribute("aria-labelledby", "capture-title");
  const head = box.appendChild(make("header"));
  const title = head.appendChild(make("h2"));
  title.id = "capture-title";
  title.tabIndex = -1;
  const leave = head.appendChild(button("✕", "quiet", () => box.close()));
  leave.setAttribute("aria-label", t("Fermer", "Close"));
  const body = box.appendChild(make("div", "capture-body"));
  document.body.append(box);
  let stream = null;
  let each = true; /* a photograph is a document; else several are its pages */
  let fresh = false; /* the next page begins a document */
  let going = false; /* on its way: nothing is left to remind of */
  let place = null;
  let at = ""; /* step that is shown */

  const stop = () => { for (const track of stream?.getTracks() ?? []) track.stop(); stream = null; };
  box.addEventListener("close", () => { stop(); body.replaceChildren(); at = ""; remind(); });
  window.addEventListener("pagehide", stop);
  const count = () => photos.all().length;
  const pages = (n) => (n < 2 ? t(`${n} page`, n ? "1 page" : "0 pages") : t(`${n} pages`, `${n} pages`));
  const said = make("p", "hint said");
  said.setAttribute("role", "status");

  const chooser = (multiple, capture) => {
    const input = make("input");
    Object.assign(input, { type: "file", accept: "image/*", multiple });
    if (capture) input.setAttribute("capture", "environment");
    input.addEventListener("change", () => { void bring([...input.files]); });
    return input;
  };
  const bring = async (found) => {
    const odd = [];
    review();
    for (const file of found) if (!(await photos.take(file, each))) odd.push(file);
    if (odd.length) said.textContent = count() >= photos.MOST ? t(`${photos.MOST} photos au plus à la fois : déposez celles-ci d'abord.`, `${photos.MOST} photographs at a time: upload these first.`) : t(`${odd.map((f) => f.name).join(", ")} : ce n'est pas une photo lisible ici. Déposez ce fichier tel quel avec « Choisir des documents ».`, `${odd.map((f) => f.name).join(", ")}: no photograph that can be read here. Upload the file as it is with “Choose documents”.`);
  };

  /* The camera. */
  const shoot = async () => {
    at = "shoot";
    title.textContent = t("Photographier", "Photograph");
    const scene = make("div", "scene");
    const video = scene.appendChild(make("video"));
    Object.assign(video, { autoplay: true, muted: true, playsInline: true });
    video.setAttribute("aria-label", t("Ce que voit l'appareil photo", "What the camera sees"));
    const flash = scene.appendChild(make("div", "flash"));
    const bar = make("div", "shutter-bar");
    const shots = bar.appendChild(make("div", "last"));
    const shutter = bar.appendChild(button("", "shutter", () => {
      if (!video.videoWidth) return;
      void photos.take(video, each || fresh).then((fine) => { if (!fine && count() >= photos.MOST) said.textContent = t(`${photos.MOST} photos au plus à la fois : déposez celles-ci d'abord.`, `${photos.MOST} photographs at a time: upload these first.`); });
      fresh = false;
      flash.classList.remove("on");
      void flash.offsetWidth;
      flash.classList.add("on");
      navigator.vibrate?.(15);
    }));
    shutter.setAttribute("aria-label", t("Prendre la photo", "Take the photograph"));
    const enough = bar.appendChild(button("", "", review));
    const modes = make("fieldset", "modes");
    modes.appendChild(make("legend", "quietly", t("Pages", "Pages")));
    const mode = (one) => () => { each = one; fresh = false; heard(); };
    const single = modes.appendChild(button(t("Une photo, une pièce", "One photo, one document"), "seg", mode(true)));
    const several = modes.appendChild(button(t("Plusieurs pages", "Several pages"), "seg", mode(false)));
    const following = modes.appendChild(button(t("Pièce suivante", "Next document"), "seg next", () => { fresh = true; heard(); }));
    heard = () => {
      const found = photos.pieces();
      single.setAttribute("aria-pressed", String(each));
      several.setAttribute("aria-pressed", String(!each));
      following.hidden = each || !found.length;
      following.disabled = fresh;
      shots.replaceChildren();
      const newest = photos.all().at(-1)?.page;
      if (newest) { const img = shots.appendChild(make("img")); img.src = newest.url; img.alt = ""; }
      if (found.length) shots.append(make("span", "", each ? String(count()) : pages(fresh ? 0 : found.at(-1).length)));
      enough.textContent = found.length ? t(`Terminé (${found.length})`, `Done (${found.length})`) : t("Terminé", "Done");
      enough.disabled = !found.length;
    };
    body.replaceChildren(scene, modes, said, bar);
    heard();
    if (!navigator.mediaDevices?.getUserMedia) return fallback(scene);
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 3840 }, height: { ideal: 2160 } } });
      if (at !== "shoot" || !box.open) return void stop();
      video.srcObject = stream;
      await video.play();
      box.dataset.ready = "1";
      shutter.focus();
    } catch (e) { fallback(scene); }
  };
  const fallback = (scene) => {
    const text = make("p", "", t("L'appareil photo n'est pas accessible ici. Autorisez-le dans les réglages du navigateur, ou :", "The camera cannot be used here. Allow it in the settings of the browser, or:"));
    const one = chooser(false, true);
    const several = chooser(true, false);
    one.hidden = several.hidden = true;
    const way = make("div", "ways");
    way.append(text, button(t("Prendre une photo", "Take a photograph"), "", () => one.click()), button(t("Choisir des photos", "Choose photographs"), "second", () => several.click()), one, several);
    scene.replaceChildren(way);
  };

  /* What was taken. */
  let heard = () => null;
  const names = new Map(); /* of documents, by the photograph they begin with */
  photos.on(() => { if (box.open) heard(); });
  const review = () => {
    stop();
    at = "review";
    delete box.dataset.ready;
    const list = make("div", "pieces");
    const where = make("div", "where");
    heard = () => {
      if (at !== "review") return;
      const found = photos.pieces();
      title.textContent = found.length === 1 ? t("1 pièce à déposer", "1 document to upload") : t(`${found.length} pièces à déposer`, `${found.length} documents to upload`);
      list.replaceChildren(...found.map(piece));
      where.hidden = !found.length;
    };
    const more = chooser(true, false);
    more.hidden = true;
    const ways = make("div", "ways");
    ways.append(button(t("Ajouter une photo", "Add a photograph"), "second", shoot), button(t("Choisir des photos", "Choose photographs"), "second", () => more.click()), more);
    const fit = deposit.places.filter((one) => { const kinds = one.dataset.extensions; return !kinds || kinds.split(",").includes("pdf"); });
    const own = fit.find((one) => one.id === "depot");
    const first = place && fit.includes(place) ? place : own;
    where.append(...(fit.length > 1 ? [make("h3", "", t("Déposer dans", "Upload to"))] : []), ...[first, ...fit.filter((one) => one !== first)].filter(Boolean).map((one, n) => button(first && n === 0 ? t(`Déposer dans « ${deposit.nameOf(one)} »`, `Upload to “${deposit.nameOf(one)}”`) : deposit.nameOf(one), first && n === 0 ? "" : "second", () => send(one))));
    body.replaceChildren(list, ways, said, where);
    heard();
    title.focus();
  };
  const piece = (shots, n) => {
    const card = make("section", "piece");
    const label = card.appendChild(make("label", "", t(`Nom de la pièce ${n + 1}`, `Name of document ${n + 1}`)));
    const input = label.appendChild(make("input"));
    input.placeholder = window.Syncd.files.photo(new Date(shots[0].at), "");
    input.value = names.get(shots[0].id) ?? "";
    input.maxLength = 120;
    input.addEventListener("input", () => names.set(shots[0].id, input.value));
    const row = card.appendChild(make("div", "shots"));
    shots.forEach((shot, k) => {
      const one = row.appendChild(button("", "shot", () => edit(shot)));
      one.disabled = !shot.page;
      one.setAttribute("aria-label", t(`Pièce ${n + 1}, page ${k + 1} : recadrer, tourner, déplacer`, `Document ${n + 1}, page ${k + 1}: crop, turn, move`));
      if (shot.page) { const img = one.appendChild(make("img")); img.src = shot.page.url; img.alt = ""; } else one.append(make("span", "hint", "…"));
    });
    card.append(make("p", "hint", pages(shots.length)));
    return card;
  };
  const edit = (shot) => {
    at = "edit";
    title.textContent = t("Recadrer la page", "Crop the page");
    body.replaceChildren(window.SyncdCrop(shot, () => (count() ? review() : shoot())));
    title.focus();
  };
  const send = async (to) => {
    title.textContent = t("Préparation…", "Preparing…");
    for (const one of body.querySelectorAll("button, input")) one.disabled = true;
    const made = await photos.documents(photos.pieces().map((shots) => names.get(shots[0].id)));
    going = true;
    const kept = deposit.add(to, made);
    box.close();
    await kept;
    photos.clear();
    names.clear();
    going = false;
  };

  /* Photographs that a closed page had not deposited. */
  const remind = () => { if (!going) window.SyncdPanel.photos(count(), () => open(null), () => photos.clear()); };
  const open = (into, found) => {
    place = into;
    said.textContent = "";
    if (!box.open) box.showModal();
    if (found) void bring(found);
    else if (count()) review();
    else void shoot();
  };
  const resumed = photos.resume().then(() => { if (!box.open) remind(); });
  return { open: async (into, found) => { await resumed; open(into, found); } };
})();
