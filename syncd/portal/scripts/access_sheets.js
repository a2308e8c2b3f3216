/* A scanned access sheet brings its name and code behind the #: they stand in the form, and leave the address. A page of
   sheets that was just made is printed at once. */
(() => {
  const form = document.querySelector("form[data-from-address]");
  const given = new URLSearchParams(location.hash.slice(1));
  if (form && given.has("code")) {
    form.elements.login.value = (given.get("login") || "").slice(0, 254);
    form.elements.code.value = (given.get("code") || "").slice(0, 40).replace(/[^A-Za-z0-9]/g, "").replace(/(.{4})(?=.)/g, "$1-");
    history.replaceState(null, "", location.pathname);
    form.querySelector("button").focus();
  }
  if (document.querySelector("[data-print-at-once]")) window.addEventListener("load", () => window.print());
})();
