"use strict";
/* In a worker: where the sheet lies in a photograph, the sheet alone and straight, with its background white or in black and white.
   Asked { id, do, data, width, height, … }, it answers { id, … }; bytes change hands and are not copied. */
const SMALL = 320; /* px: what corners are looked for in */
const grey = (data, width, height) => {
  const step = Math.max(1, Math.ceil(Math.max(width, height) / SMALL));
  const w = Math.floor(width / step);
  const h = Math.floor(height / step);
  const out = new Uint8Array(w * h);
  for (let y = 0; y < h; y += 1) for (let x = 0; x < w; x += 1) {
    let sum = 0;
    let n = 0;
    for (let dy = 0; dy < step; dy += 2) for (let dx = 0; dx < step; dx += 2) {
      const i = 4 * ((y * step + dy) * width + x * step + dx);
      sum += (data[i] * 77 + data[i + 1] * 150 + data[i + 2] * 29) >> 8;
      n += 1;
    }
    out[y * w + x] = sum / n;
  }
  return { out, w, h };
};
/* The level that parts a picture's dark from its bright (Otsu), and how far the two lie apart. */
const parted = (pixels) => {
  const count = new Float64Array(256);
  for (const p of pixels) count[p] += 1;
  let all = 0;
  for (let i = 0; i < 256; i += 1) all += i * count[i];
  let [dark, darkSum, best, level, apart] = [0, 0, -1, 128, 0];
  for (let i = 0; i < 255; i += 1) {
    dark += count[i];
    darkSum += i * count[i];
    const bright = pixels.length - dark;
    if (!dark || !bright) continue;
    const far = (all - darkSum) / bright - darkSum / dark;
    const worth = dark * bright * far * far;
    if (worth > best) [best, level, apart] = [worth, i, far];
  }
  return { level, apart };
};
/* The largest bright piece, as marks. */
const largest = (bright, w, h) => {
  const mark = new Int32Array(w * h);
  const stack = new Int32Array(w * h);
  let [number, best, size] = [0, 0, 0];
  for (let start = 0; start < mark.length; start += 1) {
    if (!bright[start] || mark[start]) continue;
    number += 1;
    let [top, n] = [0, 0];
    stack[top++] = start;
    mark[start] = number;
    while (top) {
      const at = stack[--top];
      n += 1;
      const x = at % w;
      for (const next of [x > 0 ? at - 1 : -1, x < w - 1 ? at + 1 : -1, at - w, at + w]) {
        if (next < 0 || next >= mark.length || mark[next] || !bright[next]) continue;
        mark[next] = number;
        stack[top++] = next;
      }
    }
    if (n > size) [best, size] = [number, n];
  }
  return { mark, best };
};
/* Rows of the piece filled from edge to edge: print on the sheet is no hole. */
const filled = (mark, best, w, h) => {
  let size = 0;
  for (let y = 0; y < h; y += 1) {
    let [from, to] = [-1, -1];
    for (let x = 0; x < w; x += 1) if (mark[y * w + x] === best) { if (from < 0) from = x; to = x; }
    if (from >= 0) size += to - from + 1;
  }
  return size;
};
const area = (q) => Math.abs(q.reduce((sum, [x, y], n) => { const [a, b] = q[(n + 1) % 4]; return sum + x * b - a * y; }, 0)) / 2;
const convex = (q) => {
  const turns = q.map(([x, y], n) => { const [a, b] = q[(n + 1) % 4]; const [c, d] = q[(n + 2) % 4]; return Math.sign((a - x) * (d - b) - (b - y) * (c - a)); });
  return turns.every((turn) => turn === turns[0] && turn !== 0);
};
/* Top left, top right, bottom right, bottom left, between 0 and 1; null where no sheet stands out clearly: then nothing is cut off. */
const corners = (data, width, height) => {
  const { out, w, h } = grey(data, width, height);
  const { level, apart } = parted(out);
  if (apart < 40) return null;
  const { mark, best } = largest(out.map((p) => (p > level ? 1 : 0)), w, h);
  const ends = [[0, Infinity], [0, -Infinity], [0, -Infinity], [0, Infinity]];
  for (let i = 0; i < mark.length; i += 1) {
    if (mark[i] !== best) continue;
    const x = i % w;
    const y = (i - x) / w;
    const by = [x + y, x - y, x + y, x - y];
    by.forEach((value, n) => { if (n === 0 || n === 3 ? value < ends[n][1] : value > ends[n][1]) ends[n] = [i, value]; });
  }
  const quad = ends.map(([i]) => [i % w, Math.floor(i / w)]);
  const whole = w * h;
  const own = area(quad);
  const edge = ([x, y]) => x < w * 0.015 || x > w * 0.985 || y < h * 0.015 || y > h * 0.985;
  if (quad.filter(edge).length > 1) return null; /* the table does not go around it: what is dark may be the sheet's own head */
  if (own < whole * 0.12 || own > whole * 0.96 || !convex(quad)) return null;
  if (Math.abs(filled(mark, best, w, h) - own) > own * 0.12) return null; /* no four-sided sheet */
  return quad.map(([x, y]) => [(x + 0.5) / w, (y + 0.5) / h]);
};
/* Eight numbers that lead from a rectangle to the four corners. */
const lens = (quad, W, H) => {
  const from = [[0, 0], [W, 0], [W, H], [0, H]];
  const rows = [];
  from.forEach(([x, y], n) => {
    const [u, v] = quad[n];
    rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]);
  });
  for (let c = 0; c < 8; c += 1) {
    let pivot = c;
    for (let r = c + 1; r < 8; r += 1) if (Math.abs(rows[r][c]) > Math.abs(rows[pivot][c])) pivot = r;
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    for (let r = 0; r < 8; r += 1) {
      if (r === c) continue;
      const by = rows[r][c] / rows[c][c];
      for (let k = c; k < 9; k += 1) rows[r][k] -= by * rows[c][k];
    }
  }
  return rows.map((row, n) => row[8] / row[n]);
};
const straight = (data, width, height, quad, W, H) => {
  const out = new Uint8ClampedArray(4 * W * H);
  const m = lens(quad.map(([x, y]) => [x * width, y * height]), W, H);
  for (let y = 0; y < H; y += 1) for (let x = 0; x < W; x += 1) {
    const z = m[6] * x + m[7] * y + 1;
    const u = Math.min(width - 1.001, Math.max(0, (m[0] * x + m[1] * y + m[2]) / z));
    const v = Math.min(height - 1.001, Math.max(0, (m[3] * x + m[4] * y + m[5]) / z));
    const [left, top] = [u | 0, v | 0];
    const [a, b] = [u - left, v - top];
    const i = 4 * (top * width + left);
    const below = height > top + 1 ? 4 * width : 0;
    const o = 4 * (y * W + x);
    for (let c = 0; c < 3; c += 1) out[o + c] = (1 - b) * ((1 - a) * data[i + c] + a * data[i + 4 + c]) + b * ((1 - a) * data[i + below + c] + a * data[i + below + 4 + c]);
    out[o + 3] = 255;
  }
  return out;
};
/* How bright the paper is around each place: the bright tenth of each square, smoothed between squares. */
const paper = (data, W, H) => {
  const cell = Math.max(16, Math.round(Math.max(W, H) / 48));
  const cols = Math.ceil(W / cell);
  const rows = Math.ceil(H / cell);
  let light = new Float32Array(cols * rows);
  for (let r = 0; r < rows; r += 1) for (let c = 0; c < cols; c += 1) {
    const count = new Uint32Array(256);
    let n = 0;
    for (let y = r * cell; y < Math.min(H, (r + 1) * cell); y += 2) for (let x = c * cell; x < Math.min(W, (c + 1) * cell); x += 2) {
      const i = 4 * (y * W + x);
      count[(data[i] * 77 + data[i + 1] * 150 + data[i + 2] * 29) >> 8] += 1;
      n += 1;
    }
    let level = 255;
    for (let left = n / 10; level > 1 && (left -= count[level]) > 0; level -= 1);
    light[r * cols + c] = level;
  }
  for (let pass = 0; pass < 2; pass += 1) { /* where print covers a whole square, its neighbours know better */
    const wide = new Float32Array(light.length);
    for (let r = 0; r < rows; r += 1) for (let c = 0; c < cols; c += 1) {
      let most = 0;
      for (let y = Math.max(0, r - 1); y <= Math.min(rows - 1, r + 1); y += 1) for (let x = Math.max(0, c - 1); x <= Math.min(cols - 1, c + 1); x += 1) most = Math.max(most, light[y * cols + x]);
      wide[r * cols + c] = 0.5 * light[r * cols + c] + 0.5 * most;
    }
    light = wide;
  }
  return (x, y) => {
    const fx = Math.min(cols - 1.001, Math.max(0, x / cell - 0.5));
    const fy = Math.min(rows - 1.001, Math.max(0, y / cell - 0.5));
    const [c, r] = [fx | 0, fy | 0];
    const [a, b] = [fx - c, fy - r];
    const [right, below] = [Math.min(cols - 1, c + 1), Math.min(rows - 1, r + 1)];
    return (1 - b) * ((1 - a) * light[r * cols + c] + a * light[r * cols + right]) + b * ((1 - a) * light[below * cols + c] + a * light[below * cols + right]);
  };
};
const LOOKS = {
  colour: (value) => value,
  contrast: (value, white) => Math.min(255, (value * 245) / Math.max(60, white)),
  black: (value, white) => { const k = value / Math.max(60, white); return k > 0.86 ? 255 : k < 0.45 ? 0 : ((k - 0.45) * 255) / 0.41; },
};
const looked = (data, W, H, look) => {
  if (look === "colour") return data;
  const white = paper(data, W, H);
  const made = LOOKS[look];
  for (let y = 0; y < H; y += 1) for (let x = 0; x < W; x += 1) {
    const i = 4 * (y * W + x);
    const here = white(x, y);
    if (look === "black") data[i] = data[i + 1] = data[i + 2] = made((data[i] * 77 + data[i + 1] * 150 + data[i + 2] * 29) >> 8, here);
    else for (let c = 0; c < 3; c += 1) data[i + c] = made(data[i + c], here);
  }
  return data;
};
const WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]];
const sides = (quad, width, height) => {
  const far = ([a, b], [c, d]) => Math.hypot((a - c) * width, (b - d) * height);
  return [Math.max(far(quad[0], quad[1]), far(quad[3], quad[2])), Math.max(far(quad[0], quad[3]), far(quad[1], quad[2]))];
};
addEventListener("message", ({ data: asked }) => {
  const { id, data, width, height } = asked;
  if (asked.do === "corners") return void postMessage({ id, corners: corners(data, width, height) });
  const quad = asked.corners ?? WHOLE;
  const [wide, high] = sides(quad, width, height);
  const scale = Math.min(1, asked.most / Math.max(wide, high));
  const W = Math.max(1, Math.round(wide * scale));
  const H = Math.max(1, Math.round(high * scale));
  const made = looked(asked.corners || scale < 1 ? straight(data, width, height, quad, W, H) : data, W, H, asked.look);
  postMessage({ id, data: made, width: W, height: H }, [made.buffer]);
});
