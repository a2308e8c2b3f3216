"use strict";
/* The photographs of one sitting: `SyncdPhotos`. Each is made small at once (no more than one at its full size is in memory), its
   sheet is looked for, cut out and made straight by a worker, and it is kept in the browser until its document is. */
window.SyncdPhotos = (() => {
  const { waiting, paper, files } = window.Syncd;
  const SOURCE = 2600; /* px, the longer side: what corners are chosen on */
  const PAGE = 2000; /* px, the longer side of a page */
  const QUALITY = 0.8;
  const MOST = 60; /* photographs of one sitting */
  const LOOK = "syncd-look";
  let shots = []; /* in order: { id, doc, file, width, height, corners, proposed, look, turned, page } */
  let doc = 0;
  const heard = [];
  const tell = () => { for (const does of heard) does(); };

  const worker = new Worker(document.getElementById("envoi").dataset.pixels);
  const asked = new Map();
  worker.addEventListener("message", ({ data }) => { asked.get(data.id)?.(data); asked.delete(data.id); });
  let number = 0;
  const ask = (what, bytes) => new Promise((fine) => { number += 1; asked.set(number, fine); worker.postMessage({ ...what, id: number }, [bytes]); });

  const canvas = (width, height) => Object.assign(document.createElement("canvas"), { width, height });
  const jpeg = (drawn, quality) => new Promise((fine, broken) => drawn.toBlob((blob) => { drawn.width = drawn.height = 0; blob ? fine(blob) : broken(new Error("no picture")); }, "image/jpeg", quality));
  /* Turned as the phone says (EXIF), by the browser. */
  const bitmap = async (file) => {
    if (window.createImageBitmap) return createImageBitmap(file, { imageOrientation: "from-image" });
    const image = new Image();
    image.src = URL.createObjectURL(file);
    try { await image.decode(); return image; } finally { URL.revokeObjectURL(image.src); }
  };
  const drawn = (source, wide, high, most, turned = 0) => {
    const scale = Math.min(1, most / Math.max(wide, high));
    const [w, h] = [Math.round(wide * scale), Math.round(high * scale)];
    const made = turned % 180 ? canvas(h, w) : canvas(w, h);
    const pen = made.getContext("2d", { willReadFrequently: true });
    pen.translate(made.width / 2, made.height / 2);
    pen.rotate((turned * Math.PI) / 180);
    pen.drawImage(source, -w / 2, -h / 2, w, h);
    return made;
  };
  const pixels = (made) => made.getContext("2d").getImageData(0, 0, made.width, made.height);

  /* The page as it will be sent, after each change of corners, look or turn. */
  const develop = async (shot) => {
    const source = await bitmap(shot.file);
    const made = drawn(source, shot.width, shot.height, SOURCE);
    source.close?.();
    const { data, width, height } = pixels(made);
    made.width = made.height = 0;
    const done = await ask({ do: "page", data, width, height, corners: shot.corners, look: shot.look, most: PAGE }, data.buffer);
    let sheet = canvas(done.width, done.height);
    sheet.getContext("2d").putImageData(new ImageData(done.data, done.width, done.height), 0, 0);
    if (shot.turned) { const turned = drawn(sheet, sheet.width, sheet.height, PAGE, shot.turned); sheet.width = sheet.height = 0; sheet = turned; }
    const [wide, high] = [sheet.width, sheet.height];
    const blob = await jpeg(sheet, QUALITY);
    if (shot.page) URL.revokeObjectURL(shot.page.url);
    shot.page = { jpeg: blob, width: wide, height: high, url: URL.createObjectURL(blob) };
    tell();
  };
  let queue = Promise.resolve(); /* one after the other */
  const next = (does) => { const mine = queue.then(does); queue = mine.catch(() => null); return mine; };
  const keep = ({ id, doc: of, file, width, height, corners, proposed, look, turned, at }) => waiting.keep("photos", { id, doc: of, file, width, height, corners, proposed, look, turned, at });
  const change = (shot, changes) => next(async () => { Object.assign(shot, changes); await develop(shot); void keep(shot); });

  /* `source`: a video or a file. False where it is no picture that this browser can read, or there are enough. */
  const take = (source, anew) => {
    if (shots.length >= MOST) return Promise.resolve(false);
    if (anew && shots.length) doc = Math.max(...shots.map((s) => s.doc)) + 1;
    const shot = { id: `${Date.now()}-${Math.random().toString(36).slice(2)}`, doc, at: Date.now(), look: localStorage.getItem(LOOK) ?? "contrast", turned: 0, corners: null, proposed: null, page: null };
    let frame = null;
    if (source instanceof HTMLVideoElement) frame = drawn(source, source.videoWidth, source.videoHeight, SOURCE); /* now, not when its turn comes */
    shots.push(shot);
    tell();
    return next(async () => {
      try {
        if (!frame) {
          const found = await bitmap(source);
          frame = drawn(found, found.width, found.height, SOURCE);
          found.close?.();
        }
        [shot.width, shot.height] = [frame.width, frame.height];
        const { data, width, height } = pixels(frame);
        shot.file = await jpeg(frame, 0.9);
        shot.proposed = shot.corners = (await ask({ do: "corners", data, width, height }, data.buffer)).corners;
        void keep(shot);
        await develop(shot);
        return true;
      } catch (e) {
        drop(shot);
        return false;
      }
    });
  };
  const drop = (shot) => { shots = shots.filter((s) => s !== shot); if (shot.page) URL.revokeObjectURL(shot.page.url); void waiting.forget("photos", shot.id).catch(() => null); tell(); };
  const clear = () => { for (const shot of [...shots]) drop(shot); doc = 0; };
  const pieces = () => [...new Set(shots.map((s) => s.doc))].map((of) => shots.filter((s) => s.doc === of));
  const order = (all) => { shots = all.flat(); let n = -1; let had; for (const shot of shots) { if (shot.doc !== had) { had = shot.doc; n += 1; } shot.doc = n; } for (const shot of shots) if (shot.file) void keep(shot); doc = Math.max(0, n); tell(); };
  /* -1 or 1: among the pages of its document, over its edge into the one beside it. */
  const move = (shot, by) => {
    const all = pieces();
    const of = all.findIndex((piece) => piece.includes(shot));
    const at = all[of].indexOf(shot);
    const to = at + by;
    if (to >= 0 && to < all[of].length) { all[of].splice(at, 1); all[of].splice(to, 0, shot); } else {
      const beside = all[of + by];
      if (!beside) return;
      all[of].splice(at, 1);
      shot.doc = beside[0].doc;
      if (by < 0) beside.push(shot); else beside.unshift(shot);
    }
    order(all.filter((piece) => piece.length));
  };
  /* From this page on it is another document; the first page of one joins the document before. */
  const split = (shot) => {
    const all = pieces();
    const of = all.findIndex((piece) => piece.includes(shot));
    const at = all[of].indexOf(shot);
    if (at === 0) { if (of) { for (const page of all[of]) page.doc = all[of - 1][0].doc; all[of - 1].push(...all.splice(of, 1)[0]); } } else {
      const apart = all[of].splice(at);
      for (const page of apart) page.doc = -1;
      all.splice(of + 1, 0, apart);
    }
    order(all);
  };
  /* One PDF a document, once every page is there. */
  const documents = async (names = []) => {
    await queue;
    const made = pieces().filter((piece) => piece.every((s) => s.page)).map((piece, n) => {
      const at = new Date(piece[0].at);
      const name = (names[n] ?? "").trim().replace(/[\\/:*?"<>|]/g, "-");
      return new File([paper(piece.map((s) => s.page), at)], name ? `${name}.pdf` : files.photo(at, ".pdf"), { type: "application/pdf", lastModified: piece[0].at + n });
    });
    return files.apart(made);
  };
  const likes = (look) => localStorage.setItem(LOOK, look);
  /* What was photographed and not deposited when a page was closed. */
  const resume = async () => {
    if (shots.length) return;
    for (const kept of (await waiting.mine("photos").catch(() => [])).sort((a, b) => a.doc - b.doc || a.at - b.at)) {
      const shot = { ...kept, page: null };
      shots.push(shot);
      next(() => develop(shot)).catch(() => drop(shot));
    }
    doc = Math.max(0, ...shots.map((s) => s.doc));
    tell();
  };
  return { take, drop, clear, pieces, move, split, change, documents, likes, resume, ready: () => queue, all: () => shots, on: (does) => heard.push(does), MOST };
})();
