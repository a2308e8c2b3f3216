/* Photographs as the pages of one PDF: `Syncd.paper(pages)`, each { jpeg: Blob, width, height }; a Blob. Each JPEG stands in the PDF
   as it is (baseline or progressive, three colours), on a page as large as an A4 sheet is long. */
(() => {
  const A4 = 841.89; /* points */
  const written = (at) => { const two = (n) => String(n).padStart(2, "0"); return `D:${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`; };
  window.Syncd.paper = (pages, at = new Date()) => {
    const parts = [];
    const offsets = [];
    let length = 0;
    const put = (part) => { parts.push(part); length += part.size ?? part.length; }; /* text is ASCII alone: a character, a byte */
    const object = (number, ...body) => { offsets[number] = length; put(`${number} 0 obj\n`); body.forEach(put); put("\nendobj\n"); };
    const first = (n) => 4 + 3 * n; /* of a page: itself, what is drawn, its picture */
    put("%PDF-1.4\n");
    put(new Uint8Array([0x25, 0xe2, 0xe3, 0xcf, 0xd3, 0x0a])); /* a comment that says: bytes, no text */
    object(1, "<< /Type /Catalog /Pages 2 0 R >>");
    object(2, `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((page, n) => `${first(n)} 0 R`).join(" ")}] >>`);
    object(3, `<< /Producer (syncd) /CreationDate (${written(at)}) >>`);
    pages.forEach(({ jpeg, width, height }, n) => {
      const scale = A4 / Math.max(width, height);
      const [wide, high] = [(width * scale).toFixed(2), (height * scale).toFixed(2)];
      const drawn = `q ${wide} 0 0 ${high} 0 0 cm /I Do Q`;
      object(first(n), `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${wide} ${high}] /Contents ${first(n) + 1} 0 R /Resources << /XObject << /I ${first(n) + 2} 0 R >> >> >>`);
      object(first(n) + 1, `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`);
      object(first(n) + 2, `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length ${jpeg.size} >>\nstream\n`, jpeg, "\nendstream");
    });
    const table = length;
    put(`xref\n0 ${offsets.length}\n0000000000 65535 f \n`);
    for (const offset of offsets.slice(1)) put(`${String(offset).padStart(10, "0")} 00000 n \n`);
    put(`trailer\n<< /Size ${offsets.length} /Root 1 0 R /Info 3 0 R >>\nstartxref\n${table}\n%%EOF\n`);
    return new Blob(parts, { type: "application/pdf" });
  };
})();
