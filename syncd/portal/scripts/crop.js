"use strict";
/* One page: its four corners dragged by finger, mouse or arrow keys, its look, its turn, its place. `SyncdCrop(shot, done)`. */
window.SyncdCrop = (() => {
  const { t } = window.Syncd;
  const photos = window.SyncdPhotos;
  const WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]];
  const NAMES = [t("Coin en haut à gauche", "Top left corner"), t("Coin en haut à droite", "Top right corner"), t("Coin en bas à droite", "Bottom right corner"), t("Coin en bas à gauche", "Bottom left corner")];
  const LOOKS = [["colour", t("Couleur", "Colour")], ["contrast", t("Contraste", "Contrast")], ["black", t("Noir et blanc", "Black and white")]];
  const make = (name, classes = "", text = "") => { const made = document.createElement(name); if (classes) made.className = classes; if (text) made.textContent = text; return made; };
  const button = (text, classes, does) => { const made = make("button", classes, text); made.type = "button"; made.addEventListener("click", does); return made; };
  const clamp = (n) => Math.min(1, Math.max(0, n));
  return (shot, done) => {
    const box = make("div", "crop");
    const stage = box.appendChild(make("div", "stage"));
    const image = stage.appendChild(make("img"));
    image.alt = t("La photo, avec ses coins", "The photograph, with its corners");
    image.src = URL.createObjectURL(shot.file);
    const frame = stage.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    frame.setAttribute("viewBox", "0 0 1 1");
    frame.setAttribute("preserveAspectRatio", "none");
    frame.setAttribute("aria-hidden", "true");
    const outline = frame.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "polygon"));
    let quad = (shot.corners ?? WHOLE).map((corner) => [...corner]);
    const draw = () => {
      outline.setAttribute("points", quad.map((corner) => corner.join(",")).join(" "));
      handles.forEach((handle, n) => { handle.style.left = `${100 * quad[n][0]}%`; handle.style.top = `${100 * quad[n][1]}%`; });
    };
    const put = (n, x, y) => { quad[n] = [clamp(x), clamp(y)]; draw(); };
    const handles = NAMES.map((name, n) => {
      const handle = stage.appendChild(button("", "corner", () => null));
      handle.setAttribute("aria-label", name);
      handle.addEventListener("pointerdown", (e) => { handle.setPointerCapture(e.pointerId); e.preventDefault(); handle.focus(); });
      handle.addEventListener("pointermove", (e) => {
        if (!handle.hasPointerCapture(e.pointerId)) return;
        const place = image.getBoundingClientRect();
        put(n, (e.clientX - place.left) / place.width, (e.clientY - place.top) / place.height);
      });
      handle.addEventListener("keydown", (e) => {
        const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key] ?? [];
        if (x === undefined) return;
        e.preventDefault();
        const far = e.shiftKey ? 0.05 : 0.005;
        put(n, quad[n][0] + x * far, quad[n][1] + y * far);
      });
      return handle;
    });
    draw();
    const looks = box.appendChild(make("fieldset", "looks"));
    looks.appendChild(make("legend", "quietly", t("Aspect", "Look")));
    let { look, turned } = shot;
    const chosen = LOOKS.map(([value, name]) => {
      const one = looks.appendChild(button(name, "seg", () => { look = value; chosen.forEach((b, n) => b.setAttribute("aria-pressed", String(LOOKS[n][0] === look))); }));
      one.setAttribute("aria-pressed", String(value === look));
      return one;
    });
    const tools = box.appendChild(make("div", "tools"));
    tools.append(
      button(t("Toute la photo", "Whole photograph"), "second", () => { quad = WHOLE.map((corner) => [...corner]); draw(); }),
      ...(shot.proposed ? [button(t("Coins proposés", "Proposed corners"), "second", () => { quad = shot.proposed.map((corner) => [...corner]); draw(); })] : []),
      button(t("Tourner", "Turn"), "second", () => { turned = (turned + 90) % 360; image.style.transform = ""; said.textContent = turned ? t(`Tournée de ${turned}°`, `Turned by ${turned}°`) : ""; }),
    );
    const said = tools.appendChild(make("span", "hint"));
    said.setAttribute("role", "status");
    const end = (does) => { URL.revokeObjectURL(image.src); box.remove(); does?.(); done(); };
    const first = photos.pieces().some((piece) => piece[0] === shot);
    const place = box.appendChild(make("div", "tools"));
    if (photos.all().length > 1) place.append(
      button(t("← Avant", "← Earlier"), "second", () => end(() => photos.move(shot, -1))),
      button(t("Après →", "Later →"), "second", () => end(() => photos.move(shot, 1))),
      ...(photos.pieces()[0][0] === shot ? [] : [button(first ? t("Joindre à la pièce d'avant", "Join to the document before") : t("Nouvelle pièce à partir d'ici", "New document from here"), "second", () => end(() => photos.split(shot)))]),
    );
    place.append(button(t("Supprimer cette page", "Delete this page"), "danger-text", () => end(() => photos.drop(shot))));
    const foot = box.appendChild(make("footer"));
    const keep = () => {
      const whole = quad.every(([x, y], n) => x === WHOLE[n][0] && y === WHOLE[n][1]);
      photos.likes(look);
      end(() => photos.change(shot, { corners: whole ? null : quad, look, turned }));
    };
    foot.append(button(t("Annuler", "Cancel"), "second", () => end()), button(t("Appliquer", "Apply"), "", keep));
    return box;
  };
})();
