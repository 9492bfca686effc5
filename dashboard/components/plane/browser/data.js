// Bytes -> scene. An array in the header is {"@": [first float, rows, columns]}; null is a number that is not known.
const NUMBERS = ['x', 'y', 'x_low', 'x_high', 'y_low', 'y_high', 'rank'];
const num = v => (v === null || v === undefined ? NaN : v);
const known = v => Number.isFinite(v);

function decode(bytes) {
  const whole = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const size = new DataView(whole).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(whole, 4, size)));
  const packed = revive(header, new Float32Array(whole, 4 + size));
  const scene = packed.scene;
  scene.dots.forEach(normal);
  scene.strategies.forEach(s => { if (s.point_only) normal(s.point_only); });
  scene.strongest_x = num(scene.strongest_x);
  scene.byId = new Map(scene.dots.map(d => [d.id, d]));
  scene.bestDot = scene.byId.get(scene.best) ?? null;
  scene.strategies.forEach(s => s.curves.forEach(c => prepare(c)));
  return packed;
}

function normal(dot) { for (const name of NUMBERS) dot[name] = num(dot[name]); }

function revive(value, floats) {
  if (Array.isArray(value)) return value.map(part => revive(part, floats));
  if (value === null || typeof value !== 'object') return value;
  if (value['@']) {
    const [first, rows, columns] = value['@'];
    if (!rows) return floats.subarray(first, first + columns);
    return Array.from({ length: rows }, (_, i) => floats.subarray(first + i * columns, first + (i + 1) * columns));
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, revive(part, floats)]));
}

// Order of the settings along x on the calibrate curve; most curves are monotone and need no sorting.
function prepare(curve) {
  const x = curve.pick_x, n = x.length;
  const order = [];
  for (let i = 0; i < n; i++) if (known(x[i])) order.push(i);
  if (order.length > 1 && x[order[0]] > x[order.at(-1)]) order.reverse();
  let sorted = true;
  for (let i = 1; i < order.length && sorted; i++) sorted = x[order[i]] >= x[order[i - 1]];
  if (!sorted) order.sort((a, b) => x[a] - x[b]);
  curve.order = Uint32Array.from(order);
  curve.sortedX = Float32Array.from(order, i => x[i]);
  curve.rank = new Uint32Array(n);
  order.forEach((i, at) => { curve.rank[i] = at; });
  curve.k = indexOf(curve, num(curve.value));
}

// First setting that is not below the value: for a cut "score >= knob" that is exactly the same policy.
function indexOf(curve, value) {
  const s = curve.setting, n = s.length;
  if (!known(value)) return n >> 1;
  const slack = 1e-6 * Math.max(Math.abs(s[n - 1] - s[0]), 1e-9);
  return Math.min(n - 1, bisect(s, value - slack));
}

function bisect(a, v) {
  let lo = 0, hi = a.length;
  while (lo < hi) { const m = (lo + hi) >> 1; if (a[m] < v) lo = m + 1; else hi = m; }
  return lo;
}
