/* What a person deposits and the portal has not acknowledged yet, kept in this browser (IndexedDB) over a cut, a reload, a closed
   page: `Syncd.waiting`. Of one person each, whose id stands in the page; another person on the same machine neither sees nor
   sends it. Signing out takes it away, after a question. Photographs that are not made a document yet are kept beside it. */
(() => {
  const { t } = window.Syncd;
  const MOST = 1e9; /* bytes of one person */
  const LARGEST = 250e6; /* bytes of one document: a larger one is not copied */
  const SHARE = 0.8; /* of what the browser allows this site */
  const whose = () => document.body.dataset.person ?? "";
  const MARK = () => `syncd-waiting-${whose()}`; /* so that pages with nothing to send open no database */
  const base = self.SyncdBase;
  const done = (request) => new Promise((fine, broken) => { request.onsuccess = () => fine(request.result); request.onerror = () => broken(request.error); });
  const whole = (act) => new Promise((fine, broken) => { act.oncomplete = () => fine(true); act.onerror = act.onabort = () => broken(act.error); });
  const mine = async (store = "files") => {
    if (!whose()) return [];
    const db = await base();
    return done(db.transaction(store).objectStore(store).index("person").getAll(whose()));
  };
  const fits = async (size) => {
    if (size > LARGEST) return false;
    const kept = (await mine()).reduce((sum, one) => sum + one.file.size, 0);
    if (kept + size > MOST) return false;
    const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
    return !quota || usage + size < quota * SHARE;
  };
  /* Resolves to whether it is kept: not without room, nor where the browser keeps nothing. */
  const keep = async (store, entry) => {
    try {
      if (!whose() || !(await fits(entry.file.size))) return false;
      const act = (await base()).transaction(store, "readwrite");
      act.objectStore(store).put({ ...entry, person: whose(), at: entry.at ?? Date.now() });
      await whole(act);
      localStorage.setItem(MARK(), "1");
      return true;
    } catch (e) { return false; }
  };
  const forget = async (store, id) => {
    const act = (await base()).transaction(store, "readwrite");
    act.objectStore(store).delete(id);
    await whole(act);
    if (!(await mine("files")).length && !(await mine("photos")).length) localStorage.removeItem(MARK());
  };
  const forgetAll = async () => {
    for (const store of ["files", "photos", "shared"]) for (const one of await mine(store)) await forget(store, one.id);
    localStorage.removeItem(MARK());
    localStorage.removeItem(`syncd-shared-${whose()}`);
  };
  /* What was shared with the installed space belongs to whoever is signed in then, or signs in within a quarter of an hour. */
  const SHARED = () => `syncd-shared-${whose()}`;
  const QUARTER = 15 * 60_000;
  const takeShared = async () => {
    const act = (await base()).transaction("shared", "readwrite");
    const store = act.objectStore("shared");
    for (const one of await done(store.index("person").getAll(""))) if (Date.now() - one.at > QUARTER) store.delete(one.id); else store.put({ ...one, person: whose() });
    await whole(act);
    if ((await mine("shared")).length) localStorage.setItem(SHARED(), "1");
  };
  /* Resolves to what was shared and waits for a folder. */
  const toPlace = async () => {
    if (!whose()) return [];
    if (new URLSearchParams(location.search).has("partage")) await takeShared();
    return localStorage.getItem(SHARED()) ? mine("shared") : [];
  };
  const placed = async (ids) => { for (const id of ids) await forget("shared", id); localStorage.removeItem(SHARED()); };
  const any = () => Boolean(whose() && localStorage.getItem(MARK()));
  /* One tab at a time sends a document: resolves to whether this is the one. Where there are no locks, the portal tells twins. */
  const claim = (id) => new Promise((answer) => {
    if (!navigator.locks) return void answer(true);
    navigator.locks.request(`syncd-${whose()}-${id}`, { ifAvailable: true }, (lock) => {
      answer(Boolean(lock));
      return lock ? new Promise(() => {}) : undefined; /* until the page goes */
    }).catch(() => answer(true));
  });
  window.Syncd.waiting = { keep, mine, forget, forgetAll, any, claim, toPlace, placed };

  /* Nothing of a person's stays behind once they have signed out. */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-leaves]") || form.dataset.left || !any()) return;
    if (form.dataset.confirm && !form.dataset.confirmed) return; /* confirm.js asks */
    event.preventDefault();
    event.stopImmediatePropagation();
    const kept = (await mine().catch(() => [])).length + (await mine("photos").catch(() => [])).length;
    if (kept && !form.dataset.confirm) {
      form.dataset.confirm = kept === 1
        ? t("Un document n'est pas encore envoyé. Si vous vous déconnectez, il est effacé de cet appareil.", "One document is not sent yet. If you sign out, it is removed from this device.")
        : t(`${kept} documents ne sont pas encore envoyés. Si vous vous déconnectez, ils sont effacés de cet appareil.`, `${kept} documents are not sent yet. If you sign out, they are removed from this device.`);
      form.dataset.confirmYes = t("Effacer et se déconnecter", "Remove and sign out");
      return void form.requestSubmit();
    }
    await forgetAll().catch(() => null);
    form.dataset.left = "yes";
    form.submit();
  }, true);

  /* On a page that takes no deposits, what waits is sent all the same. */
  document.addEventListener("DOMContentLoaded", () => {
    if (document.body.dataset.person && !document.getElementById("envoi")) toPlace().catch(() => null); /* somebody of several clients: theirs from now on */
    const { sending } = document.body.dataset;
    if (!any() || !sending || document.querySelector(`script[src="${sending}"]`)) return;
    document.body.appendChild(document.createElement("script")).src = sending;
  });
})();
