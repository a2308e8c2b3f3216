/* What was done, at the bottom for six seconds, longer while somebody looks at it: `Syncd.toast(text, { kind, undo })`,
   `undo` a form's address with its fields, or a function. */
(() => {
  const SHOWN = 6000;
  const leave = (box) => {
    let timer = 0;
    const stay = () => clearTimeout(timer);
    const go = () => { stay(); timer = setTimeout(() => box.remove(), SHOWN); };
    for (const name of ["pointerenter", "focusin"]) box.addEventListener(name, stay);
    for (const name of ["pointerleave", "focusout"]) box.addEventListener(name, go);
    go();
  };
  const shown = document.querySelector("[data-toast]");
  if (shown) {
    shown.classList.add("toast");
    leave(shown);
  }
  const { t } = window.Syncd;
  window.Syncd.toast = (text, { kind = "ok", undo = null } = {}) => {
    document.querySelector(".notice.toast")?.remove();
    const box = document.createElement("div");
    box.className = `notice toast ${kind}`;
    box.setAttribute("role", kind === "ok" ? "status" : "alert");
    box.appendChild(document.createElement("span")).textContent = text;
    if (undo) {
      const button = document.createElement("button");
      button.type = typeof undo === "function" ? "button" : "submit";
      button.dataset.undo = "";
      button.textContent = t("Annuler", "Undo");
      if (typeof undo === "function") button.addEventListener("click", () => { box.remove(); undo(); });
      const form = document.createElement("form");
      form.method = "post";
      if (typeof undo !== "function") {
        form.action = undo.url;
        const fields = { csrfmiddlewaretoken: window.Syncd.token(), ...undo.fields };
        for (const [name, value] of Object.entries(fields)) {
          const input = form.appendChild(document.createElement("input"));
          Object.assign(input, { type: "hidden", name, value });
        }
      }
      form.appendChild(button);
      box.appendChild(form);
    }
    document.body.appendChild(box);
    leave(box);
    return box;
  };
})();
