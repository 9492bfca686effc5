// The layers that do not move during a drag.
function modelColour(rank, stops) {
  const at = (known(rank) ? Math.min(1, Math.max(0, rank)) : 0.5) * (stops.length - 1), low = Math.min(Math.floor(at), stops.length - 2), share = at - low;
  const part = i => Math.round(parseInt(stops[low].slice(i, i + 2), 16) * (1 - share) + parseInt(stops[low + 1].slice(i, i + 2), 16) * share);
  return `rgb(${part(1)},${part(3)},${part(5)})`;
}

const colourOf = (S, strategy) => S.pal.strategies[strategy.colour % S.pal.strategies.length];
// A vertex [x, y, true] starts anew: what is not known is a hole, not a straight line.
const pathOf = line => line.map(([x, y, anew], i) => `${i && anew !== true ? 'L' : 'M'}${x.toFixed(1)},${y.toFixed(1)}`).join('');

// All vertices that differ by more than a third of a pixel: the ring lies on what is drawn.
function fine(xs, ys, axes) {
  const line = [];
  let lastX = NaN, lastY = NaN, hole = false;
  for (let i = 0; i < xs.length; i++) {
    if (!known(xs[i]) || !known(ys[i])) { hole = true; continue; }
    const x = axes.X(xs[i]), y = axes.Y(ys[i]);
    if (!hole && Math.abs(x - lastX) < 0.34 && Math.abs(y - lastY) < 0.34) continue;
    line.push([x, y, hole]); lastX = x; lastY = y; hole = false;
  }
  return line;
}

function drawGrid(S) {
  const a = S.axes, axis = S.scene.axis;
  const xs = a.log ? logTicks(a.x0, a.x1, a.width / 70) : niceTicks(a.x0, a.x1, a.width / 95), ys = niceTicks(a.y0, a.y1, a.height / 60);
  const yDigits = ys.length > 1 && ys[1] - ys[0] < 0.0099 ? 1 : 0;
  const lines = ys.map(v => `<path class="grid" d="M${a.left},${a.Y(v).toFixed(1)}H${a.right}"/><text class="tick" x="${a.left - 8}" y="${(a.Y(v) + 4).toFixed(1)}" text-anchor="end">${percent(v, yDigits)}</text>`);
  const marks = xs.filter(v => a.X(v) >= a.left - 1 && a.X(v) <= a.right + 1).map(v => `<path class="mark" d="M${a.X(v).toFixed(1)},${a.bottom}v5"/><text class="tick" x="${a.X(v).toFixed(1)}" y="${a.bottom + 18}" text-anchor="middle">${escaped(tickText(axis, v))}</text>`);
  const xTitle = fill(S.words, `axis.${axis.unit}`, { label: axis.label }) + (axis.assumed ? ` (${S.words['card.assumed']})` : '');
  const titles = `<text class="title" x="${a.right}" y="${a.bottom + 38}" text-anchor="end">${escaped(xTitle)} \u2192</text><text class="title" x="4" y="12">\u2191 ${escaped(S.scene.quality_label)}</text>`;
  return `${lines.join('')}<path class="axis" d="M${a.left},${a.bottom}H${a.right}"/>${marks.join('')}${titles}`;
}

// Mixing is linear in cost, so that a chord is bent on a log axis.
function chords(xs, ys, axes) {
  const line = [[axes.X(xs[0]), axes.Y(ys[0])]], steps = axes.log ? 24 : 1;
  for (let i = 1; i < xs.length; i++) for (let j = 1; j <= steps; j++) { const t = j / steps; line.push([axes.X(xs[i - 1] + t * (xs[i] - xs[i - 1])), axes.Y(ys[i - 1] + t * (ys[i] - ys[i - 1]))]); }
  return line;
}

function drawZero(S) {
  const { zero_x: xs, zero_y: ys } = S.scene, a = S.axes;
  if (!xs.length) return '';
  const line = chords(xs, ys, a), path = pathOf(line), last = line.at(-1);
  const area = `${path}H${a.right}V${a.bottom}H${line[0][0].toFixed(1)}Z`;
  return `<path class="below" d="${area}"/><path class="zero" d="${path}"/><path class="zero flat" d="M${last[0].toFixed(1)},${last[1].toFixed(1)}H${a.right}"/>`;
}

function drawEnvelope(S) {
  if (S.packed.hull_x.length < 2) return '';
  return `<path class="envelope" d="${pathOf(chords(S.packed.hull_x, S.packed.hull_y, S.axes))}"/>`;
}

function ribbon(S, curve) {
  const b = curve.bands;
  if (!b) return '';
  const up = [], down = [];
  for (let i = 0; i < b.setting.length; i++) {
    const x = S.axes.X(curve.x[indexOf(curve, b.setting[i])]);
    if (known(x) && known(b.y_low[i]) && known(b.y_high[i])) { up.push([x, Math.max(S.axes.top, S.axes.Y(b.y_high[i]))]); down.push([x, Math.min(S.axes.bottom, S.axes.Y(b.y_low[i]))]); }
  }
  return up.length > 1 ? `${pathOf(up)}L${pathOf(down.reverse()).slice(1)}Z` : '';
}

function drawCurves(S) {
  const order = S.scene.strategies.map((_, i) => i).sort((i, j) => (i === S.sel) - (j === S.sel));
  return order.map(i => drawStrategy(S, S.scene.strategies[i], i === S.sel)).join('');
}

function drawStrategy(S, strategy, selected) {
  const curve = curveOf(S, strategy), colour = colourOf(S, strategy), state = selected ? 'is-selected' : 'is-other';
  const dash = strategy.bound ? ' stroke-dasharray="7 3"' : '';
  if (!curve) return strategy.point_only && !selected ? ringAt(S, strategy.point_only.x, strategy.point_only.y, colour) + bars(S, strategy.point_only, colour) : bars(S, strategy.point_only, colour);
  const band = ribbon(S, curve);
  let out = band ? `<path class="band ${state}" fill="${colour}" d="${band}"/>` : '';
  if (selected) out += `<path class="calibrate" stroke="${colour}" d="${pathOf(fine(curve.pick_x, curve.pick_y, S.axes))}"/>`;
  out += `<path class="curve ${state}" stroke="${colour}"${dash} d="${pathOf(fine(curve.x, curve.y, S.axes))}"/>`;
  return selected ? out : out + ringAt(S, curve.x[curve.k], curve.y[curve.k], colour);
}

function ringAt(S, x, y, colour) {
  if (!known(x) || !known(y)) return '';
  return `<circle class="other-ring" stroke="${colour}" cx="${S.axes.X(x).toFixed(1)}" cy="${S.axes.Y(y).toFixed(1)}" r="6"/>`;
}

function bars(S, dot, colour) {
  if (!dot || !known(dot.x) || !known(dot.y)) return '';
  // An interval that leaves the plane ends at its edge: it never runs over the legend.
  const a = S.axes, x = a.X(dot.x).toFixed(1), y = a.Y(dot.y).toFixed(1);
  const inX = v => Math.min(a.right, Math.max(a.left, a.X(v))).toFixed(1), inY = v => Math.min(a.bottom, Math.max(a.top, a.Y(v))).toFixed(1);
  const tall = known(dot.y_low) && known(dot.y_high) ? `M${x},${inY(dot.y_low)}V${inY(dot.y_high)}` : '';
  const wide = known(dot.x_low) && known(dot.x_high) ? `M${inX(dot.x_low)},${y}H${inX(dot.x_high)}` : '';
  return tall || wide ? `<path class="bars" stroke="${colour}" d="${tall}${wide}"/>` : '';
}

function star(x, y, r) {
  let d = '';
  for (let i = 0; i < 10; i++) { const q = i % 2 ? r * 0.45 : r, t = (Math.PI * i) / 5 - Math.PI / 2; d += `${i ? 'L' : 'M'}${(x + q * Math.cos(t)).toFixed(1)},${(y + q * Math.sin(t)).toFixed(1)}`; }
  return `${d}Z`;
}

const withBars = S => S.few || S.spots.length <= 12;

function drawDot(S, { dot, px, py }) {
  const colour = modelColour(dot.rank, S.pal.models), out = withBars(S) ? bars(S, dot, dot.kind === 'oracle' ? S.pal.oracle : colour) : '';
  const off = unfit(S, dot.x, dot.y) ? ' off' : '', r = S.spots.length > 20 ? 4 : 5.5;
  if (dot.kind === 'oracle') return `${out}<path class="oracle${off}" d="${star(px, py, 9)}"/>`;
  if (dot.kind === 'baseline') return `${out}<rect class="baseline${off}" x="${px - 4.5}" y="${py - 4.5}" width="9" height="9"/>`;
  return `${out}<circle class="model${off}" fill="${colour}" cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="${r}"/>`;
}

const unfit = (S, x, y) => (known(S.floor) && y < S.floor) || (known(S.budget) && x > S.budget);

function drawDots(S) {
  const places = placeLabels(wantedLabels(S), S.axes, obstacles(S));
  const names = places.map(p => {
    const leader = p.leader ? `<path class="leader" d="M${p.px.toFixed(1)},${p.py.toFixed(1)}L${p.end[0].toFixed(1)},${p.end[1].toFixed(1)}"/>` : '';
    return `${leader}<text class="name${unfit(S, p.dot.x, p.dot.y) ? ' off' : ''}" x="${p.x.toFixed(1)}" y="${(p.y + 4).toFixed(1)}">${escaped(p.text)}</text>`;
  });
  return S.spots.map(spot => drawDot(S, spot)).join('') + names.join('');
}

function wantedLabels(S) {
  const most = S.axes.width < 520 ? 7 : 12, byId = new Map(S.spots.map(s => [s.dot.id, s]));
  return S.packed.labels.slice(0, most).map(id => byId.get(id)).filter(Boolean).map(s => ({ ...s, text: short(s.dot.name) }));
}

function obstacles(S) {
  const out = S.spots.map(s => [s.px, s.py, 14]);
  if (withBars(S)) for (const { dot, px } of S.spots) if (known(dot.y_low) && known(dot.y_high)) for (let y = S.axes.Y(dot.y_high); y <= S.axes.Y(dot.y_low); y += 8) out.push([px, y, 6]);
  for (const [x, y] of S.scene.zero_x.length ? chords(S.scene.zero_x, S.scene.zero_y, S.axes) : []) out.push([x, y, 4]);
  S.lines.forEach((line, i) => line.forEach(([x, y], n) => { if (n % 2 === 0 || line.length < 60) out.push([x, y, i === S.sel ? 4 : 2]); }));
  const { curve, strategy } = selected(S);
  if (curve) out.push([S.axes.X(curve.x[curve.k]), S.axes.Y(curve.y[curve.k]), 25]);
  else if (strategy?.point_only) out.push([S.axes.X(strategy.point_only.x), S.axes.Y(strategy.point_only.y), 25]);
  return out;
}
