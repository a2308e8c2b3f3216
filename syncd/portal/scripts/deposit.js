"use strict";
/* Deposits: dropped anywhere on the page, chosen, pasted or photographed; each with its state in one panel at the bottom right;
   resumed after a cut, a reload, an expired session. */
if (document.getElementById("envoi")) (() => {
  const { Uppy, Tus, getDroppedFiles } = window.SyncdUppy;
  const { t, english } = window.Syncd;
  const about = document.getElementById("envoi").dataset;
  const places = [...document.querySelectorAll(".takes[data-folder]")];
  const panel = window.SyncdPanel;
  let token = null;
  let expired = false;
  let number = null;
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
  const silent = (name) => /^(~\$|\.~lock|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i.test(name);

  const current = async () => {
    const answer = await fetch(about.token, { credentials: "same-origin", cache: "no-store" });
    return answer.ok ? (await answer.json()).token : null;
  };

  const uppy = new Uppy({ id: `depot-${about.client}`, autoProceed: true, allowMultipleUploadBatches: true, meta: { client: about.client, batch: about.batch } })
    .use(Tus, {
      endpoint: about.endpoint, chunkSize: 8 * 1024 * 1024, removeFingerprintOnSuccess: true, limit: 3,
      retryDelays: [0, 500, 1000, 2000, 4000, 8000, 15000, 30000],
      allowedMetaFields: ["client", "batch", "folder", "name", "modified", "over"],
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
        if (!said) return;
        const line = JSON.parse(decodeURIComponent(said));
        number = line.number;
        lines.push({ ...line, url: request.getURL() });
      },
    });
  const lines = [];
  window.depot = uppy; /* for tests and the curious */

  /* The session ended: one signs in here, or in another tab, and what was being sent goes on. */
  const waitForSignIn = () => {
    if (expired) return;
    expired = true;
    const go = (fresh) => {
      if (!expired) return;
      token = fresh;
      expired = false;
      panel.signedIn();
      uppy.retryAll();
    };
    panel.signIn(async (fields) => {
      const page = await fetch(fields.code === undefined ? "/connexion" : "/connexion/code", { credentials: "same-origin" });
      const csrf = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
      const answer = await fetch(page.url, { method: "POST", credentials: "same-origin", body: new URLSearchParams({ ...fields, csrfmiddlewaretoken: csrf, login: about.login, next: about.token }) });
      if (answer.url.endsWith(about.token) && answer.ok) { go((await answer.json()).token); return "in"; }
      if (answer.url.endsWith("/connexion/code") && fields.code === undefined) return "code";
      const said = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[role=alert]");
      return said?.textContent || t("Réessayez.", "Try again.");
    });
    const again = async () => {
      if (!expired) return;
      const fresh = await current().catch(() => null);
      if (fresh === null) return void setTimeout(again, 1500);
      go(fresh);
    };
    setTimeout(again, 1500);
  };

  const add = (place, found, over = null) => {
    last = place;
    const fine = [];
    for (const file of found) {
      if (silent(file.name)) continue;
      const path = (file.relativePath || file.webkitRelativePath || file.name).replace(/^\/+/, "");
      const why = refusal(place, file, over);
      if (why) panel.refused(path, why[0], why[1]);
      else fine.push({ source: "depot", name: path, type: file.type, data: file, meta: { folder: place.dataset.folder, relativePath: `${place.dataset.folder}/${over?.id ?? ""}${path}`, modified: String(file.lastModified ?? ""), over: over?.id ?? "" } });
    }
    for (const one of fine) {
      try { uppy.addFile(one); } catch (error) { panel.refused(one.name, t("déjà dans cet envoi", "already in this upload"), ""); }
    }
    panel.open();
    refresh();
  };

  const refresh = () => panel.show(uppy.getFiles(), { offline: !navigator.onLine, expired, number, lines });
  for (const name of ["file-added", "upload-progress", "upload-success", "upload-error", "upload-retry", "file-removed", "retry-all"]) uppy.on(name, () => queueMicrotask(refresh));
  window.addEventListener("offline", refresh);
  window.addEventListener("online", () => { uppy.retryAll(); refresh(); });
  panel.on("cancel", (id) => uppy.removeFile(id));
  panel.on("retry", (id) => uppy.retryUpload(id));
  panel.on("more", () => { chosen = last ?? places[0]; over = null; document.getElementById("choose").click(); });
  uppy.on("upload-error", (file, error) => {
    let words = "";
    try { words = JSON.parse(error.originalResponse.getBody()).message; } catch (e) { words = ""; }
    if (file && words) uppy.setFileState(file.id, { error: words });
    refresh();
  });
  uppy.on("complete", () => {
    refresh();
    if (number && uppy.getFiles().every((file) => file.progress?.uploadComplete)) document.dispatchEvent(new CustomEvent("syncd:deposited"));
  });

  /* What a closed page had not finished sending: the same document dropped again goes on where it stopped. */
  const WEEK = 7 * 86400e3;
  const begun = () => Object.keys(localStorage).filter((key) => key.startsWith("tus::")).map((key) => {
    try { return { key, ...JSON.parse(localStorage.getItem(key)) }; } catch (e) { return { key }; }
  }).filter((b) => b.metadata && b.metadata.client === about.client && Date.now() - new Date(b.creationTime) < WEEK);
  const left = begun();
  if (left.length) panel.unfinished(left.map((b) => b.metadata), async () => {
    const csrf = await current().catch(() => null);
    for (const b of left) {
      localStorage.removeItem(b.key);
      if (b.uploadUrl && csrf) fetch(b.uploadUrl, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrf } }).catch(() => null);
    }
  });
  if (!places.length) return;

  let chosen = null;
  let over = null;
  for (const [id, selector] of [["choose", ".pick"], ["choose-folder", ".pick-folder"], ["camera", ".shoot"]]) {
    const input = document.getElementById(id);
    input.addEventListener("change", () => { add(chosen, [...input.files].map((file) => named(file, id)), over); input.value = ""; });
    for (const place of places)
      for (const button of place.querySelectorAll(selector)) {
        button.hidden = false;
        button.addEventListener("click", () => { chosen = place; over = null; input.click(); });
      }
  }
  /* A phone calls every photograph image.jpg. */
  const named = (file, from) => {
    if (from !== "camera" && !/^image\.(jpe?g|heic|png)$/i.test(file.name)) return file;
    const at = new Date(file.lastModified || Date.now());
    const two = (n) => String(n).padStart(2, "0");
    const name = `Photo ${two(at.getDate())}-${two(at.getMonth() + 1)}-${at.getFullYear()} ${two(at.getHours())}h${two(at.getMinutes())}${file.name.slice(file.name.lastIndexOf("."))}`;
    return new File([file], name, { type: file.type, lastModified: file.lastModified });
  };
  document.addEventListener("syncd:replace", (e) => {
    chosen = document.getElementById("depot") ?? places[0];
    over = e.detail;
    document.getElementById("choose").click();
  });
  document.addEventListener("paste", (e) => {
    const files = [...(e.clipboardData?.files ?? [])];
    if (!files.length || window.Syncd.writing(e.target)) return;
    e.preventDefault();
    put(files.map((file) => named(file, "paste")), null);
  });
  for (const e of document.querySelectorAll(".with-js")) e.hidden = false;
  for (const e of document.querySelectorAll(".without-js")) e.hidden = true;
  for (const e of document.querySelectorAll(".without-js input")) e.required = false;

  /* The whole page takes what is dropped: into the folder below the pointer, else the page's own, else where one says. */
  const whole = document.getElementById("depot") ?? null;
  const inbox = places.find((place) => place.dataset.kind === "inbox") ?? null;
  const nameOf = (place) => place.dataset.name || place.dataset.folder.split("/").pop();
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
    end();
    put(await getDroppedFiles(e.dataTransfer), place);
  });
  window.addEventListener("beforeunload", (e) => { if (uppy.getFiles().some((file) => file.progress?.uploadStarted && !file.progress.uploadComplete && !file.error)) e.preventDefault(); });
})();
