// Domains, scales and ticks, in pixels of the drawn SVG.
const EDGE = { left: 54, right: 20, top: 28, bottom: 46 };

function spans(scene) {
  const span = { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity, positive: true, least: Infinity };
  const see = (x, y) => {
    if (!known(x) || !known(y)) return;
    span.x0 = Math.min(span.x0, x); span.x1 = Math.max(span.x1, x); span.y0 = Math.min(span.y0, y); span.y1 = Math.max(span.y1, y);
    if (x <= 0) span.positive = false; else span.least = Math.min(span.least, x);
  };
  const few = scene.strategies.every(s => !s.curves.length);
  for (const d of scene.dots) { see(d.x, d.y); if (few) { see(d.x, d.y_low); see(d.x, d.y_high); } }
  for (const s of scene.strategies) {
    if (s.point_only) { see(s.point_only.x, s.point_only.y); see(s.point_only.x, s.point_only.y_low); see(s.point_only.x, s.point_only.y_high); }
    for (const c of s.curves) for (let i = 0; i < c.x.length; i++) { see(c.x[i], c.y[i]); see(c.pick_x[i], c.pick_y[i]); }
  }
  return known(span.x0) && known(span.y0) ? span : { x0: 0, x1: 1, y0: 0, y1: 1, positive: false, least: 1 };
}

function makeAxes(scene, span, width, height, log) {
  const inner = { left: EDGE.left, right: width - EDGE.right, top: EDGE.top, bottom: height - EDGE.bottom };
  const pad = Math.max(0.01, (span.y1 - span.y0) * 0.08);
  const y0 = Math.max(0, span.y0 - pad * 1.6), y1 = Math.min(1, span.y1 + pad) + (span.y1 + pad > 1 ? 0.004 : 0);
  const wide = Math.max(span.x1 - span.x0, 1e-9);
  let x0, x1;
  if (log) { const f = Math.max(1.12, (span.x1 / span.x0) ** 0.05); x0 = span.x0 / f; x1 = span.x1 * f; }
  else { x0 = span.x0 < 0.4 * span.x1 ? Math.min(0, span.x0) : span.x0 - 0.08 * wide; x1 = span.x1 + 0.05 * (span.x1 - x0); x0 -= 0.02 * (x1 - x0); }
  const at = log ? Math.log : v => v, back = log ? Math.exp : v => v;
  const a = at(x0), b = at(x1), sx = (inner.right - inner.left) / (b - a), sy = (inner.bottom - inner.top) / (y1 - y0);
  return {
    ...inner, width, height, log, x0, x1, y0, y1,
    X: v => inner.left + (at(log ? Math.max(v, x0 * 1e-3) : v) - a) * sx,
    Y: v => inner.bottom - (v - y0) * sy,
    xAt: px => back(a + (px - inner.left) / sx),
    yAt: py => y0 + (inner.bottom - py) / sy,
  };
}

function niceTicks(low, high, most) {
  const raw = (high - low) / most, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw) ?? raw;
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return ticks;
}

function logTicks(low, high, most) {
  const all = many => {
    const ticks = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) for (const m of many) { const v = m * 10 ** e; if (v >= low && v <= high) ticks.push(v); }
    return ticks;
  };
  for (const many of [[1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]]) { const ticks = all(many); if (ticks.length <= most && ticks.length > 1) return ticks; }
  const decades = all([1]), keep = Math.ceil(decades.length / most);
  return decades.length > 1 ? decades.filter((_, i) => i % keep === 0) : niceTicks(low, high, most);
}

function tickText(axis, v) {
  const plain = grouped(String(Number(v.toPrecision(3))));
  return axis.unit === 'usd_per_1k' ? `$${plain}` : axis.unit === 'share' ? String(Number((100 * v).toPrecision(3))) : plain;
}
