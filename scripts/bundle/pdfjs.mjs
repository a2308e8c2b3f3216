// Writes what PDF.js needs beside its script: its worker, the fonts and decoders that it fetches, and of its style sheet
// the rules for reading. Usage: node pdfjs.mjs OUT
import fs from "node:fs";

const out = process.argv[2], from = "node_modules/pdfjs-dist";
fs.mkdirSync(`${out}/pdfjs`, { recursive: true });
fs.copyFileSync(`${from}/legacy/build/pdf.worker.min.mjs`, `${out}/pdfjs.worker.min.js`);
const wanted = { standard_fonts: /^(Foxit|Liberation|LICENSE)/, wasm: /^(jbig2|openjpeg|qcms_bg)\.wasm$|^LICENSE_(?!.*QUICKJS)/, iccs: /./ };
for (const [folder, names] of Object.entries(wanted)) {
  for (const name of fs.readdirSync(`${from}/${folder}`).filter((n) => names.test(n))) {
    fs.copyFileSync(`${from}/${folder}/${name}`, `${out}/pdfjs/${name}`);
  }
}
const css = fs.readFileSync(`${from}/legacy/web/pdf_viewer.css`, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
const kept = [];
for (let depth = 0, begin = 0, i = 0; i < css.length; i++) {
  if (css[i] === "{") depth++;
  if (css[i] !== "}" || --depth) continue;
  const block = css.slice(begin, i + 1).trim();
  begin = i + 1;
  const of = block.slice(0, block.indexOf("{")).trim();
  if (/^\.(textLayer|annotationLayer|canvasWrapper|pdfViewer|page)\b/.test(of) && !/Editor|Comment|disabled|presentation/i.test(of)) kept.push(block);
}
fs.writeFileSync(`${out}/pdfjs.css`, kept.join("\n").replace(/url\((?:"[^"]*"|[^)]*)\)/g, "none"));
