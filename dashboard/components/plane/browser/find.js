// What lies under the pointer.
const distance = (x, y, px, py) => Math.hypot(x - px, y - py);

// The setting whose calibrate point is nearest in x; where several share that x, the nearest in y, then the nearest one to now.
function pick(curve, axes, px, py) {
  const order = curve.order, n = order.length;
  if (!n) return curve.k;
  const wanted = axes.xAt(px);
  const at = Math.min(n - 1, bisect(curve.sortedX, wanted));
  let best = order[at], least = Infinity;
  for (let i = Math.max(0, at - 24); i <= Math.min(n - 1, at + 24); i++) {
    const k = order[i];
    const off = Math.abs(axes.X(curve.pick_x[k]) - px) + 0.02 * Math.abs(axes.Y(curve.pick_y[k]) - py) + 1e-4 * Math.abs(k - curve.k) / n;
    if (off < least) { least = off; best = k; }
  }
  return best;
}

// Few vertices of a curve in pixels, for hit tests and for keeping labels off it.
function outline(xs, ys, axes) {
  const line = [];
  let lastX = NaN, lastY = NaN;
  for (let i = 0; i < xs.length; i++) {
    if (!known(xs[i]) || !known(ys[i])) continue;
    const x = axes.X(xs[i]), y = axes.Y(ys[i]);
    if (Math.abs(x - lastX) < 4 && Math.abs(y - lastY) < 4) continue;
    line.push([x, y, i]); lastX = x; lastY = y;
  }
  return line;
}

function toSegment(px, py, [x1, y1], [x2, y2]) {
  const dx = x2 - x1, dy = y2 - y1, length = dx * dx + dy * dy;
  const t = length ? Math.min(1, Math.max(0, ((px - x1) * dx + (py - y1) * dy) / length)) : 0;
  return distance(x1 + t * dx, y1 + t * dy, px, py);
}

function nearestOn(line, px, py) {
  let best = { far: Infinity, k: 0 };
  for (let i = 0; i < line.length; i++) {
    const far = i ? toSegment(px, py, line[i - 1], line[i]) : distance(line[0][0], line[0][1], px, py);
    if (far < best.far) best = { far, k: distance(line[i][0], line[i][1], px, py) <= (i ? distance(line[i - 1][0], line[i - 1][1], px, py) : Infinity) ? line[i][2] : line[i - 1][2] };
  }
  return best;
}

function under(S, px, py) {
  let hit = null;
  for (const d of S.spots) { const far = distance(d.px, d.py, px, py); if (far < 12 && far < (hit?.far ?? 99)) hit = { kind: 'dot', dot: d.dot, far }; }
  if (hit) return hit;
  S.lines.forEach((line, i) => {
    if (!line.length) return;
    const near = nearestOn(line, px, py);
    if (near.far < 12 && near.far < (hit?.far ?? 99)) hit = { kind: 'curve', strategy: i, k: near.k, far: near.far };
  });
  return hit;
}
