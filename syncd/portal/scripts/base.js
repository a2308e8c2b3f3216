/* The browser's own store of what is not sent yet, for pages and for the worker that takes what is shared: `SyncdBase()`, a database. */
self.SyncdBase = (() => {
  let opened = null;
  return () => {
    opened ??= new Promise((fine, broken) => {
      if (!self.indexedDB) return void broken(new Error("no IndexedDB"));
      const asked = indexedDB.open("syncd", 1);
      asked.onupgradeneeded = () => { for (const name of ["files", "photos", "shared"]) asked.result.createObjectStore(name, { keyPath: "id" }).createIndex("person", "person"); };
      asked.onsuccess = () => fine(asked.result);
      asked.onerror = asked.onblocked = () => broken(asked.error ?? new Error("blocked"));
    });
    return opened;
  };
})();
