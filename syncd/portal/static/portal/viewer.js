/* A document within its page: PDF.js for a PDF, loaded only then; an image that is turned and made larger; what can be read. */
const english = document.documentElement.lang === "en";
const say = (french, other) => (english ? other : french);
const beside = (root, name) => new URL(name, new URL(root.dataset.pdfjs, location.href)).href;

function tell(root, text) {
  const line = document.createElement("p");
  line.className = "alert";
  line.setAttribute("role", "alert");
  line.textContent = text;
  root.querySelector(".viewer-body").before(line);
}

function tools(root, deeds) {
  const bar = root.querySelector(".viewer-tools");
  bar.hidden = false;
  bar.addEventListener("click", (event) => deeds[event.target.closest("[data-do]")?.dataset.do]?.());
  const keys = (event) => {
    if (!root.isConnected) { document.removeEventListener("keydown", keys); return; }
    const writing = /^(input|select|textarea)$/i.test(event.target.tagName);
    const look = bar.querySelector("[data-look]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f" && look && event.target !== look) {
      event.preventDefault();
      look.focus();
      look.select();
    }
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    const deed = { "+": "more", "-": "less", "0": "width", r: "turn" }[event.key];
    if (deed) deeds[deed]();
  };
  document.addEventListener("keydown", keys);
}

/* Two fingers, or a pinch on a touchpad: `by(factor, point)`, as long as it goes on. */
function pinched(sheets, by) {
  let apart = 0;
  const far = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  const middle = ([a, b]) => [(a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2];
  sheets.addEventListener("touchstart", (event) => { apart = event.touches.length === 2 ? far(event.touches) : 0; }, { passive: true });
  sheets.addEventListener("touchmove", (event) => {
    if (event.touches.length !== 2 || !apart) return;
    event.preventDefault();
    const now = far(event.touches);
    if (Math.abs(now / apart - 1) < 0.02) return;
    by(now / apart, middle(event.touches));
    apart = now;
  }, { passive: false });
  sheets.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    by(Math.exp(-event.deltaY / 100), [event.clientX, event.clientY]);
  }, { passive: false });
}

const LEAST = 80; /* px: less is no room for a page */

async function pdf(root) {
  const sheets = root.querySelector(".viewer-sheets"), poster = root.querySelector(".poster");
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = beside(root, "pdfjs.css");
  document.head.append(style);
  const lib = await import(new URL(root.dataset.pdfjs, location.href).href);
  lib.GlobalWorkerOptions.workerSrc = beside(root, "pdfjs.worker.min.js");
  const eventBus = new lib.EventBus();
  const linkService = new lib.PDFLinkService({ eventBus, externalLinkTarget: 2, externalLinkRel: "noopener noreferrer nofollow" });
  const findController = new lib.PDFFindController({ eventBus, linkService });
  const viewer = new lib.PDFViewer({
    container: sheets, viewer: root.querySelector(".pdfViewer"), eventBus, linkService, findController,
    annotationMode: lib.AnnotationMode.ENABLE, annotationEditorMode: -1, imageResourcesPath: beside(root, "pdfjs/"), removePageBorders: true,
  });
  linkService.setViewer(viewer);
  const place = root.querySelector("[data-place]"), look = root.querySelector("[data-look]"), found = root.querySelector("[data-found]");
  const where = () => { place.textContent = `${viewer.currentPageNumber} / ${viewer.pagesCount}`; };
  let fit = "page-width"; /* "": somebody chose a scale */
  const fitted = () => { /* without room the scale would be 0, and stay it */
    if (fit && viewer.pagesCount && sheets.clientWidth > LEAST && sheets.clientHeight > LEAST) viewer.currentScaleValue = fit;
  };
  const fitting = (how) => () => { fit = how; fitted(); };
  eventBus.on("pagesinit", () => {
    for (const page of sheets.querySelectorAll(".page")) page.setAttribute("role", "group"); /* no landmarks: two documents have a page 1 each */
    fitted();
    where();
  });
  eventBus.on("pagechanging", where);
  eventBus.on("pagerendered", () => { poster.remove(); root.dataset.ready = "1"; });
  const count = ({ matchesCount }) => {
    const { current = 0, total = 0 } = matchesCount || {};
    found.textContent = !look.value ? "" : total ? `${current} / ${total}` : say("introuvable", "not found");
  };
  eventBus.on("updatefindmatchescount", count);
  eventBus.on("updatefindcontrolstate", count);
  const seek = (type, back) => eventBus.dispatch("find", {
    source: look, type, query: look.value, caseSensitive: false, entireWord: false, highlightAll: true, findPrevious: back, matchDiacritics: false,
  });
  look.addEventListener("input", () => seek("", false));
  look.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); seek("again", event.shiftKey); }
    if (event.key === "Escape") { look.value = ""; seek("", false); sheets.focus(); }
  });
  tools(root, {
    more: () => { fit = ""; viewer.increaseScale(); }, less: () => { fit = ""; viewer.decreaseScale(); }, width: fitting("page-width"),
    whole: fitting("page-fit"), turn: () => { viewer.pagesRotation = (viewer.pagesRotation + 90) % 360; },
  });
  pinched(sheets, (factor, origin) => { fit = ""; viewer.updateScale({ scaleFactor: factor, origin, drawingDelay: 300 }); });
  new ResizeObserver(fitted).observe(sheets);
  const shown = await lib.getDocument({
    url: new URL(root.dataset.source, location.href).href, wasmUrl: beside(root, "pdfjs/"), standardFontDataUrl: beside(root, "pdfjs/"),
    iccUrl: beside(root, "pdfjs/"), disableWorkerRendering: true, enableXfa: false,
  }).promise;
  viewer.setDocument(shown);
  linkService.setDocument(shown);
}

function broken(root, fault) {
  root.dataset.ready = "failed";
  tell(root, fault?.name === "PasswordException"
    ? say("Ce PDF est protégé par un mot de passe : téléchargez-le pour l'ouvrir.", "This PDF is protected by a password: download it to open it.")
    : say("Ce PDF ne peut pas être affiché ici : téléchargez-le.", "This PDF cannot be shown here: download it."));
}

function image(root) {
  const sheets = root.querySelector(".viewer-sheets"), shown = root.querySelector(".shown");
  let scale = 1, turned = 0, whole = false;
  const draw = () => {
    const across = turned % 180 !== 0;
    const { naturalWidth: w, naturalHeight: h } = shown;
    if (!w || !h) return;
    const [width, height] = across ? [h, w] : [w, h];
    const room = { width: sheets.clientWidth - 32, height: sheets.clientHeight - 32 };
    const fit = Math.min(room.width / width, whole ? room.height / height : Infinity, 2) * scale;
    shown.style.width = `${w * fit}px`;
    shown.style.height = `${h * fit}px`;
    shown.style.margin = across ? `${((w - h) * fit) / 2}px ${((h - w) * fit) / 2}px` : "";
    shown.style.transform = `rotate(${turned}deg)`;
    root.dataset.ready = "1";
  };
  shown.addEventListener("load", draw);
  if (shown.complete) draw();
  new ResizeObserver(draw).observe(sheets);
  const by = (factor) => () => { scale = Math.min(8, Math.max(0.2, scale * factor)); draw(); };
  pinched(sheets, (factor) => by(factor)());
  const fitted = (all) => () => { scale = 1; whole = all; draw(); };
  whole = true;
  tools(root, { more: by(1.25), less: by(0.8), width: fitted(false), whole: fitted(true), turn: () => { turned = (turned + 90) % 360; draw(); } });
}

async function reading(root, tries = 0) {
  const body = root.querySelector(".viewer-reading");
  const answer = await fetch(root.dataset.source, { credentials: "same-origin", headers: { "X-Part": "1" } });
  if (answer.status === 202 && tries < 10) {
    setTimeout(() => reading(root, tries + 1), 1500);
    return;
  }
  if (!answer.ok && answer.status !== 202) throw new Error(String(answer.status));
  body.innerHTML = await answer.text();
  body.removeAttribute("aria-busy");
  root.dataset.ready = "1";
}

/* What is next is there before it is asked for. */
function ahead() {
  const next = document.querySelector("[data-next-picture]");
  if (next) new Image().src = next.dataset.nextPicture;
}

/* What stands in for a picture is a small drawing, and is not made as wide as a page. */
function poster(root) {
  const shown = root.querySelector(".poster");
  if (!shown) return;
  const sized = () => shown.classList.toggle("icon", shown.naturalWidth > 0 && shown.naturalWidth < 100);
  shown.addEventListener("load", sized);
  sized();
}

function show(root) {
  const { viewer } = root.dataset;
  poster(root);
  if (viewer === "pdf") pdf(root).catch((fault) => broken(root, fault));
  if (viewer === "image") image(root);
  if (viewer === "reading") reading(root).catch(() => tell(root, say("L'aperçu n'est pas disponible pour l'instant.", "The preview is not available at the moment.")));
}
for (const root of document.querySelectorAll("[data-viewer]")) show(root);
document.addEventListener("came-up", (event) => { for (const root of event.detail.querySelectorAll("[data-viewer]")) show(root); });
addEventListener("load", () => setTimeout(ahead, 500));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(input|select|textarea)$/i.test(event.target.tagName)) return;
  if (document.querySelector("dialog[open]")) return;
  const way = { ArrowLeft: "prev", k: "prev", ArrowRight: "next", j: "next" }[event.key];
  const link = way && document.querySelector(`.turns a[rel=${way}]`);
  if (link) { event.preventDefault(); link.click(); }
  if (event.key === "e") document.querySelector("[data-key=e]")?.click();
});
