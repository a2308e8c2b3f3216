/* A list that is cut as one types: `<form data-live="id">` fetches itself, and what the element of that id shows is replaced.
   `input[data-query]` elsewhere says what the list is cut by now. */
for (const form of document.querySelectorAll("form[data-live]")) {
  const shown = () => document.getElementById(form.dataset.live);
  const button = form.querySelector("button");
  if (button) button.hidden = true;
  let timer = 0;
  let asked = 0;
  const load = async () => {
    asked += 1;
    const mine = asked;
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
    const url = `${location.pathname}?${query}`;
    const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return void location.assign(url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(form.dataset.live);
    if (mine !== asked || !shown()) return;
    if (!fresh) return void location.assign(url);
    shown().replaceWith(fresh);
    const count = page.querySelector("h1 .count");
    const here = document.querySelector("h1 .count");
    if (count && here) here.textContent = count.textContent;
    for (const part of form.querySelectorAll("[data-part]")) {
      const other = page.querySelector(`form[data-live="${form.dataset.live}"] [data-part="${part.dataset.part}"]`);
      if (other) part.replaceWith(other);
    }
    for (const field of document.querySelectorAll("input[data-query]")) field.value = query;
    history.replaceState(null, "", url);
    window.dispatchEvent(new Event("listed"));
  };
  form.addEventListener("input", (event) => { clearTimeout(timer); timer = setTimeout(load, event.target.type === "search" ? 250 : 0); });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); load(); });
}
