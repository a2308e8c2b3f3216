"use strict";
/* Deposits: dropped on a folder, chosen, or photographed; resumed after a cut, a reload, an expired session. */
(() => {
  const { Uppy, Dashboard, Tus, French, getDroppedFiles } = window.SyncdUppy;
  const english = document.documentElement.lang === "en";
  const t = (french, inEnglish) => (english ? inEnglish : french);
  const about = document.getElementById("envoi").dataset;
  const places = document.querySelectorAll(".takes[data-folder]");
  if (!places.length) return;
  let token = null;
  let expired = false;
  let number = null;
  let last = null; /* where documents went last */

  const size = (n) => (n >= 1e6
    ? `${(n / 1e6).toLocaleString(t("fr-FR", "en-GB"), { maximumFractionDigits: 1 })} ${t("Mo", "MB")}`
    : `${Math.ceil(n / 1e3)} ${t("Ko", "KB")}`);

  /* What the portal would refuse is said before anything is sent. */
  const refusal = (place, file) => {
    const dot = file.name.lastIndexOf(".");
    const ext = dot > 0 ? file.name.slice(dot + 1).toLowerCase() : "";
    const allowed = place.dataset.extensions.split(",");
    if (place.dataset.never.split(",").includes(ext) || (allowed[0] && !allowed.includes(ext)))
      return t("type de fichier non accepté", "file type not accepted") + (ext ? ` (.${ext})` : "");
    if (!file.size) return t("document vide", "empty document");
    const max = Number(place.dataset.max);
    if (max && file.size > max) return t(`trop volumineux : ${size(file.size)}, limite ${place.dataset.maxText}`, `too large: ${size(file.size)}, limit ${place.dataset.maxText}`);
    return "";
  };
  const dated = (file) => String(file.lastModified ?? ""); /* milliseconds; a photograph just taken is dated now */
  const silent = (name) => /^(~\$|\.~lock|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i.test(name);

  const current = async () => {
    const answer = await fetch(about.token, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) return null;
    return (await answer.json()).token;
  };

  const uppy = new Uppy({
    id: `depot-${about.client}`,
    autoProceed: true,
    allowMultipleUploadBatches: true,
    ...(english ? {} : { locale: French }),
    meta: { client: about.client, batch: about.batch },
    /* Added, pasted or dropped in the window of what is being sent: it goes where the others go, under the same rules. */
    onBeforeFileAdded: (file) => {
      if (file.meta.folder) return true;
      if (!last || silent(file.name)) return false;
      const why = refusal(last, file.data);
      if (why) {
        uppy.info({ message: file.name, details: why }, "error", 20000);
        say([file.name + t(" : ", ": ") + why]);
        return false;
      }
      const path = (file.meta.relativePath || file.name).replace(/^\/+/, "");
      return { ...file, name: path, meta: { ...file.meta, name: path, folder: last.dataset.folder, relativePath: `${last.dataset.folder}/${path}`, modified: dated(file.data) } };
    },
  })
    .use(Dashboard, {
      inline: false, proudlyDisplayPoweredByUppy: false, closeAfterFinish: false, showProgressDetails: true, ...(english ? {} : { locale: French }),
      doneButtonHandler: () => finish(), disablePageScrollWhenModalOpen: true, note: null, closeModalOnClickOutside: false,
    })
    .use(Tus, {
      endpoint: about.endpoint, chunkSize: 8 * 1024 * 1024, removeFingerprintOnSuccess: true, limit: 3,
      retryDelays: [0, 500, 1000, 2000, 4000, 8000, 15000, 30000],
      allowedMetaFields: ["client", "batch", "folder", "name", "modified"],
      onBeforeRequest: async (request) => {
        if (request.getMethod() !== "HEAD" && token === null) token = await current();
        request.setHeader("X-CSRFToken", token || "");
      },
      onShouldRetry: (error, attempt, options, next) => {
        const status = error?.originalResponse?.getStatus() ?? 0;
        if (status === 401 || status === 403) { token = null; waitForSignIn(); return false; }
        if (status === 400 || status === 404 || status === 413 || status === 422 || status === 507) return false;
        return next(error);
      },
      onAfterResponse: (request, response) => {
        const said = response.getHeader("Syncd-Deposit");
        if (said) number = JSON.parse(decodeURIComponent(said)).number;
      },
    });
  window.depot = uppy; /* for tests and the curious */

  /* The session ended: somebody signs in again in another tab, and what was being sent goes on. */
  const waitForSignIn = () => {
    if (expired) return;
    expired = true;
    uppy.info({
      message: t("Votre session a expiré", "Your session has expired"),
      details: t("Reconnectez-vous dans un autre onglet : l'envoi reprendra tout seul.", "Sign in again in another tab: sending goes on by itself."),
    }, "warning", 3600000);
    const again = async () => {
      token = await current().catch(() => null);
      if (token === null) return void setTimeout(again, 1500);
      expired = false;
      uppy.hideInfo();
      uppy.retryAll();
    };
    setTimeout(again, 1500);
  };

  const add = (place, found) => {
    last = place;
    const refused = [];
    const fine = [];
    for (const file of found) {
      if (silent(file.name)) continue;
      const why = refusal(place, file);
      if (why) refused.push(file.name + t(" : ", ": ") + why);
      else {
        const path = (file.relativePath || file.webkitRelativePath || file.name).replace(/^\/+/, "");
        fine.push({ source: "depot", name: path, type: file.type, data: file, meta: { folder: place.dataset.folder, relativePath: `${place.dataset.folder}/${path}`, modified: dated(file) } });
      }
    }
    if (fine.length) {
      uppy.getPlugin("Dashboard").openModal();
      try { uppy.addFiles(fine); } catch (error) { refused.push(error.message); }
    }
    say(refused);
  };

  /* Of this batch, all of it: what was refused first is not forgotten for what is refused later. */
  const refusals = [];
  const say = (refused) => {
    refusals.push(...refused.filter((line) => !refusals.includes(line)));
    window.SyncdRefusals.show(refusals);
  };

  /* What a closed page had not finished sending: the same document dropped again goes on where it stopped. */
  const WEEK = 7 * 86400e3;
  const begun = () => Object.keys(localStorage).filter((key) => key.startsWith("tus::")).map((key) => {
    try { return { key, ...JSON.parse(localStorage.getItem(key)) }; } catch (e) { return { key }; }
  }).filter((b) => b.metadata && b.metadata.client === about.client && Date.now() - new Date(b.creationTime) < WEEK);
  const remind = () => {
    const left = begun();
    if (!left.length) return;
    const box = document.createElement("div");
    box.className = "alert unfinished";
    box.setAttribute("role", "status");
    const head = document.createElement("strong");
    head.textContent = left.length === 1
      ? t("Un envoi n'est pas terminé.", "A document was not sent to its end.")
      : t(`${left.length} envois ne sont pas terminés.`, `${left.length} documents were not sent to their end.`);
    const what = document.createElement("p");
    const names = left.slice(0, 3).map((b) => t(`« ${b.metadata.name} » dans « ${b.metadata.folder} »`, `“${b.metadata.name}” in “${b.metadata.folder}”`)).join(", ");
    const which = names + (left.length > 3 ? ", …" : "");
    what.textContent = t(`Déposez à nouveau ${which} : l'envoi reprend où il s'était arrêté.`, `Drop ${which} again: sending goes on where it stopped.`);
    const forget = document.createElement("button");
    forget.type = "button";
    forget.className = "quiet";
    forget.textContent = t("Ne plus le rappeler", "Do not remind me");
    forget.addEventListener("click", async () => {
      const csrf = await current().catch(() => null);
      for (const b of left) {
        localStorage.removeItem(b.key);
        if (b.uploadUrl && csrf) fetch(b.uploadUrl, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrf } }).catch(() => null);
      }
      box.remove();
    });
    box.append(head, what, forget);
    document.getElementById("contenu").prepend(box);
  };
  remind();

  const finish = () => {
    if (!number) return void location.reload();
    window.SyncdRefusals.keep(number, refusals);
    location.assign(about.done + number);
  };
  /* The acknowledgement comes once everything has arrived: what failed earlier is still in the window, to be sent again. */
  const unsent = () => uppy.getFiles().some((file) => file.error || !file.progress?.uploadComplete);
  uppy.on("complete", (result) => {
    if (result.failed.length || unsent() || expired || refusals.length) return;
    if (number) setTimeout(finish, 900);
  });
  uppy.on("upload-error", (file, error, response) => {
    let words = "";
    try { words = JSON.parse(error.originalResponse.getBody()).message; } catch (e) { words = ""; }
    if (words) uppy.setFileState(file.id, { error: words });
    if (words) uppy.info({ message: file.name, details: words }, "error", 20000);
  });

  let chosen = null;
  for (const [id, selector] of [["choose", ".pick"], ["choose-folder", ".pick-folder"], ["camera", ".shoot"]]) {
    const input = document.getElementById(id);
    input.addEventListener("change", () => { add(chosen, [...input.files]); input.value = ""; });
    for (const place of places)
      for (const button of place.querySelectorAll(selector)) {
        button.hidden = false;
        button.addEventListener("click", () => { chosen = place; input.click(); });
      }
  }
  for (const e of document.querySelectorAll(".with-js")) e.hidden = false;
  for (const e of document.querySelectorAll(".without-js")) e.hidden = true;
  for (const e of document.querySelectorAll(".without-js input")) e.required = false;

  for (const place of places) {
    let depth = 0;
    place.addEventListener("dragenter", (e) => { e.preventDefault(); depth += 1; place.classList.add("over"); });
    place.addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) place.classList.remove("over"); });
    place.addEventListener("dragover", (e) => { e.preventDefault(); e.dataTransfer.dropEffect = "copy"; });
    place.addEventListener("drop", async (e) => {
      e.preventDefault();
      depth = 0;
      place.classList.remove("over");
      add(place, await getDroppedFiles(e.dataTransfer));
    });
  }
  /* Beside a folder nothing is lost: the browser does not open the document in place of the page. */
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (e) => e.preventDefault());
  window.addEventListener("beforeunload", (e) => { if (uppy.getState().totalProgress > 0 && uppy.getState().totalProgress < 100) e.preventDefault(); });
})();
