/* What is on its way to the portal: `SyncdSending`. Uppy and tus come with the first document; each document is kept in the
   browser until the portal has it (waiting.js), goes on after a cut, a reload, an expired session, and is sent by one tab alone. */
window.SyncdSending = (() => {
  const { t, waiting } = window.Syncd;
  const panel = window.SyncdPanel;
  const about = document.body.dataset;
  const ENDPOINT = "/deposit/tus/";
  const TOKEN = "/jeton";
  const AGAIN = 20_000; /* ms, where nothing answered */
  const entries = new Map(); /* by our id: what is to be sent; `at`: its id at Uppy, once it is there; `kept`: whether a reload finds it */
  const lines = [];
  let token = null;
  let expired = false;
  let number = null;
  let uppy = null;

  /* The form token of now; null while nobody is signed in, or somebody else is. */
  const current = async () => {
    const answer = await fetch(TOKEN, { credentials: "same-origin", cache: "no-store" });
    const said = answer.ok ? await answer.json() : {};
    return said.person === about.person ? said.token : null;
  };

  /* The session ended: one signs in here, or in another tab, and what was being sent goes on. */
  const waitForSignIn = () => {
    if (expired) return;
    expired = true;
    const go = (fresh) => {
      if (!expired || !fresh) return;
      token = fresh;
      expired = false;
      panel.signedIn();
      uppy.retryAll();
    };
    const said = (text) => new DOMParser().parseFromString(text, "text/html");
    panel.signIn(async (fields) => {
      const page = await fetch(fields.code === undefined ? "/connexion" : "/connexion/code", { credentials: "same-origin" });
      const csrf = said(await page.text()).querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
      const answer = await fetch(page.url, { method: "POST", credentials: "same-origin", body: new URLSearchParams({ ...fields, csrfmiddlewaretoken: csrf, login: about.login, next: TOKEN }) });
      if (answer.url.endsWith(TOKEN) && answer.ok) { go(await current()); return "in"; }
      if (answer.url.endsWith("/connexion/code") && fields.code === undefined) return "code";
      return said(await answer.text()).querySelector("[role=alert]")?.textContent || t("Réessayez.", "Try again.");
    });
    const again = async () => {
      if (!expired) return;
      go(await current().catch(() => null));
      if (expired) setTimeout(again, 1500);
    };
    setTimeout(again, 1500);
  };

  const answered = (error) => error?.originalResponse?.getStatus() ?? 0;
  const begin = ({ Uppy, Tus }) => {
    uppy = new Uppy({ id: "depot", autoProceed: true, allowMultipleUploadBatches: true }).use(Tus, {
      endpoint: ENDPOINT, chunkSize: 8 * 1024 * 1024, removeFingerprintOnSuccess: true, limit: 3,
      retryDelays: [0, 500, 1000, 2000, 4000, 8000, 15000, 30000],
      allowedMetaFields: ["client", "batch", "folder", "name", "modified", "over", "base", "item", "person"],
      onBeforeRequest: async (request) => {
        if (request.getMethod() !== "HEAD" && token === null) token = await current();
        request.setHeader("X-CSRFToken", token || "");
      },
      onShouldRetry: (error, attempt, options, next) => {
        const status = answered(error);
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
    window.depot = uppy; /* for tests and the curious */
    for (const name of ["file-added", "upload-progress", "upload-success", "upload-error", "upload-retry", "file-removed", "retry-all"]) uppy.on(name, () => queueMicrotask(refresh));
    uppy.on("upload-success", (file) => { if (file) arrived(of(file.id)); });
    uppy.on("upload-error", (file, error) => {
      let words = "";
      try { words = JSON.parse(error.originalResponse.getBody()).message; } catch (e) { words = ""; }
      const status = answered(error);
      if (!words && !status) words = t("la plateforme ne répond pas ; nouvel essai dans un instant", "the platform does not answer; tried again in a moment");
      if (file && words) uppy.setFileState(file.id, { error: words });
      if (file && (status === 422 || status === 413)) leave(of(file.id)); /* it will never be taken: said, and not kept */
      if (!status) setTimeout(() => { if (navigator.onLine && !expired) uppy.retryAll(); }, AGAIN);
      refresh();
    });
    uppy.on("complete", () => {
      refresh();
      if ((number || lines.length) && over()) document.dispatchEvent(new CustomEvent("syncd:deposited"));
    });
  };
  let ready = null;
  const load = () => {
    ready ??= new Promise((fine) => {
      const ask = () => {
        const script = document.createElement("script");
        script.src = about.uppy;
        script.onload = () => { begin(window.SyncdUppy); fine(); };
        script.onerror = () => {
          script.remove();
          const timer = setTimeout(again, 5000);
          function again() { clearTimeout(timer); window.removeEventListener("online", again); ask(); }
          window.addEventListener("online", again);
        };
        document.head.append(script);
      };
      ask();
    });
    return ready;
  };

  const of = (at) => [...entries.values()].find((entry) => entry.at === at);
  const files = () => [...entries.values()].map((entry) => {
    const sent = entry.at && uppy?.getFile(entry.at);
    return sent ? { ...sent, id: entry.id, kept: entry.kept } : { id: entry.id, name: entry.name, size: entry.file.size, progress: {}, kept: entry.kept };
  });
  const over = () => files().every((file) => file.progress?.uploadComplete);
  const leave = async (entry) => {
    if (!entry) return;
    await entry.keeping;
    await waiting.forget("files", entry.id).catch(() => null);
    entry.kept = false;
  };
  const arrived = (entry) => leave(entry);
  const refresh = () => panel.show(files(), { offline: !navigator.onLine, expired, number, lines });

  const idOf = (entry) => [entry.client, entry.folder, entry.over, ...(entry.item ? [entry.item] : []), entry.name, entry.file.size, entry.file.lastModified ?? ""].join("|");
  let keeping = Promise.resolve();
  /* Each: { client, batch, folder, name, file, over, item }; `kept`: the browser has it already. Said, not done, where it is on its way.
     Over once each is kept, or cannot be. */
  const add = async (found, kept = false) => {
    const fresh = [];
    for (const one of found) {
      const entry = { over: "", base: "", item: "", ...one, kept }; /* base: the version of `over` that the person saw; item: of a request, that it answers */
      entry.id = idOf(entry);
      if (entries.has(entry.id)) { panel.refused(entry.name, t("déjà dans cet envoi", "already in this upload"), ""); continue; }
      entries.set(entry.id, entry);
      fresh.push(entry);
      if (kept) continue;
      const { client, batch, folder, name, file } = entry;
      void waiting.claim(entry.id);
      entry.keeping = keeping = keeping.then(async () => { entry.kept = await waiting.keep("files", { id: entry.id, client, batch, folder, name, file, over: entry.over, base: entry.base, item: entry.item }); refresh(); });
    }
    panel.open();
    refresh();
    if (fresh.length) void load().then(() => give(fresh));
    await keeping;
  };
  const give = (fresh) => {
    for (const entry of fresh) {
      if (!entries.has(entry.id)) continue;
      const { client, batch, folder, name, file } = entry;
      const meta = { client, batch, folder, over: entry.over, base: entry.base, item: entry.item, person: about.person, modified: String(file.lastModified ?? ""), relativePath: `${about.person}/${client}/${folder}/${entry.over}${entry.base}${entry.item}${name}` };
      try { entry.at = uppy.addFile({ source: "depot", name, type: file.type, data: file, meta }); } catch (error) { entries.delete(entry.id); }
    }
    refresh();
  };
  const cancel = (id) => {
    const entry = entries.get(id);
    entries.delete(id);
    if (entry?.at) uppy.removeFile(entry.at);
    leave(entry);
    refresh();
  };
  panel.on("cancel", cancel);
  panel.on("retry", (id) => { const at = entries.get(id)?.at; if (at) uppy.retryUpload(at); });
  window.addEventListener("offline", refresh);
  window.addEventListener("online", () => { uppy?.retryAll(); refresh(); });
  window.addEventListener("beforeunload", (e) => { if (files().some((file) => !file.kept && !file.progress?.uploadComplete && !file.error)) e.preventDefault(); });

  /* What a page that is closed by now had not sent. */
  const resume = async () => {
    if (!waiting.any()) return;
    const left = await waiting.mine().catch(() => []);
    const own = [];
    for (const entry of left) if (await waiting.claim(entry.id)) own.push(entry);
    if (own.length) await add(own, true);
  };
  /* And what was too large to be kept: the same document dropped again goes on where it stopped. */
  const WEEK = 7 * 86400e3;
  const begun = () => Object.keys(localStorage).filter((key) => key.startsWith("tus::")).map((key) => {
    try { return { key, ...JSON.parse(localStorage.getItem(key)) }; } catch (e) { return { key }; }
  }).filter((b) => b.metadata && b.metadata.person === about.person && Date.now() - new Date(b.creationTime) < WEEK);
  const remind = () => {
    const left = begun().filter((b) => ![...entries.values()].some((entry) => entry.name === b.metadata.name && entry.folder === b.metadata.folder));
    if (left.length) panel.unfinished(left.map((b) => b.metadata), async () => {
      const csrf = await current().catch(() => null);
      for (const b of left) {
        localStorage.removeItem(b.key);
        if (b.uploadUrl && csrf) fetch(b.uploadUrl, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrf } }).catch(() => null);
      }
    });
  };
  resume().catch(() => null).then(remind);
  return { add };
})();
