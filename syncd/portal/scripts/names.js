/* What documents are called, and what of a drop counts: `Syncd.files`. */
(() => {
  const silent = (name) => /^(~\$|\.~lock|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i.test(name);
  const photo = (at, extension) => {
    const two = (n) => String(n).padStart(2, "0");
    return `Photo ${two(at.getDate())}-${two(at.getMonth() + 1)}-${at.getFullYear()} ${two(at.getHours())}h${two(at.getMinutes())}${extension}`;
  };
  /* A phone calls every photograph image.jpg. */
  const named = (file, from) => {
    if (file.webkitRelativePath || (from !== "camera" && !/^image\.(jpe?g|heic|png)$/i.test(file.name))) return file;
    const name = photo(new Date(file.lastModified || Date.now()), file.name.slice(file.name.lastIndexOf(".")));
    return new File([file], name, { type: file.type, lastModified: file.lastModified });
  };
  /* Of one batch no two have the same name: « Photo … (2).jpg ». */
  const apart = (files) => {
    const taken = new Set();
    return files.map((file) => {
      if (file.webkitRelativePath) return file;
      const dot = file.name.lastIndexOf(".");
      let name = file.name;
      for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${file.name.slice(0, dot)} (${n})${file.name.slice(dot)}`;
      taken.add(name.toLowerCase());
      return name === file.name ? file : new File([file], name, { type: file.type, lastModified: file.lastModified });
    });
  };
  const listed = (reader) => new Promise((fine, broken) => {
    const all = [];
    const more = () => reader.readEntries((some) => { if (!some.length) return void fine(all); all.push(...some); more(); }, broken);
    more();
  });
  const walk = async (entry, inside, found) => {
    if (entry.isDirectory) for (const one of await listed(entry.createReader())) await walk(one, `${inside}${entry.name}/`, found);
    else {
      const file = await new Promise((fine, broken) => entry.file(fine, broken)).catch(() => null);
      if (!file) return;
      if (inside) Object.defineProperty(file, "relativePath", { value: inside + entry.name });
      found.push(file);
    }
  };
  /* Files and folders of a drop. What the drop holds is read before it is over, the folders afterwards. */
  const dropped = (data) => {
    const entries = [...data.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
    return (async () => {
      const found = [];
      for (const one of entries) if (one instanceof File) found.push(one); else if (one) await walk(one, "", found);
      return found;
    })();
  };
  window.Syncd.files = { silent, photo, named, apart, dropped };
})();
