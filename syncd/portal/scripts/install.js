/* On a phone, and where the space is installed: the worker that takes what is shared (service_worker.js). */
if (document.body.dataset.person && navigator.serviceWorker && matchMedia("(hover: none), (display-mode: standalone)").matches)
  addEventListener("load", () => navigator.serviceWorker.register("/service-worker.js").catch(() => null));
