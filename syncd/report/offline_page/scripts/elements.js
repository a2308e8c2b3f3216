/* Parts of the page: made of text alone, never of what a name may hold. */
import { Refused } from "./facts.js";
import { say } from "./words.js";

export function h(tag, given = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...inside.flat().filter((part) => part !== null && part !== undefined && part !== false));
  return made;
}

export const button = (text, act, given = {}) => h("button", { type: "button", ...given, onclick: act }, text);
export const field = (label, control, hint = "") => h("label", {}, label, control, hint ? h("span", { class: "hint" }, hint) : null);
export const place = (id) => document.getElementById(id);

/* What is said of what was just done: of kind `ok`, `bad` or `wait`. */
export function tell(text, kind = "ok", ...more) {
  place("notice").replaceChildren(h("div", { class: `notice ${kind}` }, h("p", {}, text), ...more));
}

export function quiet() {
  place("notice").replaceChildren();
}

function progress(text, share) {
  const shown = place("progress");
  if (!shown) return;
  shown.querySelector("p").textContent = text;
  shown.querySelector("progress").value = share;
}

let busy = false;

/* Does one thing at a time, and says what becomes of it; `act` may tell how far it is: (word, done, total, shown). */
export async function doing(act, refused = () => {}) {
  if (busy) return;
  busy = true;
  const work = place("work"), focused = document.activeElement;
  work.setAttribute("aria-busy", "true");
  for (const control of work.querySelectorAll("button, input, select, textarea")) if (!control.disabled) { control.disabled = true; control.dataset.waits = ""; }
  place("notice").replaceChildren(h("div", { class: "notice wait", id: "progress" }, h("p", {}, say("working")), h("progress", { max: 1, "aria-label": say("working") })));
  try {
    await new Promise((soon) => setTimeout(soon)); // it is shown before the work begins
    quietly(await act((text, share) => progress(text, share)));
  } catch (e) {
    tell(e instanceof Refused ? say(e.code, e.values) : say("failed", { why: e.message }), "bad");
    refused(e);
  } finally {
    busy = false;
    work.removeAttribute("aria-busy");
    for (const control of work.querySelectorAll("[data-waits]")) { control.disabled = false; delete control.dataset.waits; }
    (focused?.isConnected && focused !== document.body ? focused : place("main")).focus({ preventScroll: true });
  }
}

function quietly() {
  if (place("progress")) quiet();
}

/* Hands a file to the person, under this name. */
export function hand(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/* A second press is asked for where a thing cannot be taken back. */
export function twice(text, sure, act, given = { class: "second" }) {
  const made = button(text, () => {
    const really = button(sure, act, { class: "danger" });
    made.replaceWith(really);
    really.focus();
  }, given);
  return made;
}
