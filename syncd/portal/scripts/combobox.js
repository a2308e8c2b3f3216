/* `<select data-combobox>`, of one or of several: typed letters find, without accents or case, what the list holds. */
(() => {
  const { t, fold } = window.Syncd;
  const MOST = 50;
  let number = 0;
  const enhance = (select) => {
    number += 1;
    const id = `combobox-${number}`;
    const options = [...select.options].filter((o) => o.value !== "" || o.text.trim()).map((option, n) => ({ option, n, text: option.text.trim(), folded: fold(option.text) }));
    const box = document.createElement("div");
    box.className = "combobox";
    const ones = document.createElement("ul");
    ones.className = "chosen-ones";
    const input = document.createElement("input");
    const said = select.getAttribute("aria-label") || select.labels?.[0]?.firstChild?.textContent?.trim() || "";
    for (const [k, v] of Object.entries({ type: "text", role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", "aria-label": said, autocomplete: "off" })) input.setAttribute(k, v);
    input.placeholder = select.dataset.combobox || t("Cherchez…", "Search…");
    const list = document.createElement("ul");
    Object.assign(list, { id, hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", said);
    if (select.multiple) list.setAttribute("aria-multiselectable", "true");
    let found = [];
    let at = -1;
    const mark = () => {
      [...list.children].forEach((li, n) => li.classList.toggle("at", n === at));
      const here = list.children[at];
      if (here && here.id) { input.setAttribute("aria-activedescendant", here.id); here.scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant");
    };
    const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); at = -1; input.removeAttribute("aria-activedescendant"); };
    const chips = () => {
      if (!select.multiple) return;
      ones.replaceChildren(...options.filter((o) => o.option.selected).map((o) => {
        const li = document.createElement("li");
        const button = li.appendChild(document.createElement("button"));
        button.type = "button";
        button.textContent = `${o.text} ✕`;
        button.setAttribute("aria-label", t(`Retirer ${o.text}`, `Remove ${o.text}`));
        button.addEventListener("click", () => { o.option.selected = false; chips(); input.focus(); tell(); });
        return li;
      }));
    };
    const tell = () => select.dispatchEvent(new Event("change", { bubbles: true }));
    const choose = (o) => {
      if (!o) return;
      if (select.multiple) { o.option.selected = !o.option.selected; input.value = ""; chips(); open(); } else { select.value = o.option.value; input.value = o.text; close(); }
      tell();
    };
    const open = () => {
      const words = fold(input.value).split(/\s+/).filter(Boolean);
      found = options.filter((o) => words.every((w) => o.folded.includes(w))).slice(0, MOST);
      list.replaceChildren(...found.map((o) => {
        const li = document.createElement("li");
        li.id = `${id}-${o.n}`;
        li.setAttribute("role", "option");
        li.setAttribute("aria-selected", String(o.option.selected));
        li.textContent = o.text;
        li.addEventListener("pointerdown", (e) => e.preventDefault());
        li.addEventListener("click", () => choose(o));
        return li;
      }));
      if (!found.length) {
        const li = list.appendChild(document.createElement("li"));
        li.className = "none";
        li.setAttribute("role", "option");
        li.setAttribute("aria-selected", "false");
        li.textContent = t("Rien ne correspond", "Nothing matches");
      }
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      at = words.length && found.length ? 0 : -1;
      mark();
    };
    input.addEventListener("input", open);
    input.addEventListener("click", open);
    input.addEventListener("blur", () => { close(); if (!select.multiple) input.value = select.selectedOptions[0]?.text.trim() ?? ""; });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open();
        if (found.length) at = (at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
        mark();
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        choose(found[at]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        close();
      } else if (event.key === "Backspace" && !input.value && select.multiple) {
        const chosen = options.filter((o) => o.option.selected).pop();
        if (chosen) { chosen.option.selected = false; chips(); tell(); }
      }
    });
    if (!select.multiple) input.value = select.selectedOptions[0]?.text.trim() ?? "";
    select.hidden = true;
    chips();
    box.append(ones, input, list);
    select.after(box);
  };
  for (const select of document.querySelectorAll("select[data-combobox]")) enhance(select);
  window.Syncd.combobox = enhance;
})();
