"use strict";
/* What a phone shares with the installed space is kept here until its person has chosen a folder; and a page without a network says
   so. Nothing that the portal answers is kept: no page, no document, for nobody. */
const LARGEST = 250e6; /* bytes of one document */
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
const shared = async (request) => {
  const found = (await request.formData()).getAll("documents").filter((one) => one instanceof File && one.size && one.size <= LARGEST);
  const act = (await self.SyncdBase()).transaction("shared", "readwrite");
  for (const file of found) act.objectStore("shared").put({ id: `${Date.now()}-${Math.random()}`, person: "", at: Date.now(), file }); /* whose: the page says, once somebody is signed in */
  await new Promise((fine, broken) => { act.oncomplete = fine; act.onabort = act.onerror = broken; });
  return Response.redirect("/partage", 303);
};
const AWAY = `<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Pas de réseau</title>
<h1>Pas de réseau</h1><p>Ce que vous avez déposé est gardé sur cet appareil et partira tout seul.</p><p lang="en">No network. What you uploaded is kept on this device and goes by itself.</p><p><a href="">Réessayer · Try again</a></p>`;
const away = () => new Response(AWAY, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store" } });
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === "POST" && pathname === "/partage") event.respondWith(shared(request).catch(() => Response.redirect("/partage?manque=1", 303)));
  else if (request.method === "GET" && request.mode === "navigate" && !navigator.onLine) event.respondWith(fetch(request).catch(away));
});
