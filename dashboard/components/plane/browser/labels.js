// Names beside dots without overlap: most important first, eight places near the dot, then farther ones with a leader line.
const TEXT = 12, GLYPH = 6.5;

function placeLabels(wanted, axes, obstacles) {
  const taken = [], placed = [];
  for (const one of wanted) {
    let best = null;
    for (const spot of spots(one)) {
      const cost = price(spot, one, axes, taken, obstacles);
      if (cost < (best?.cost ?? 900)) best = { ...spot, cost };
      if (cost < 1) break;
    }
    if (!best) continue;
    taken.push(best.box);
    placed.push({ ...one, ...best });
  }
  return placed;
}

function spots(one) {
  const wide = one.text.length * GLYPH, out = [];
  for (const [far, leader] of [[11, false], [26, true], [42, true], [62, true]]) {
    for (const [dx, dy] of [[1, 0], [0.6, -0.8], [0.6, 0.8], [-1, 0], [-0.6, -0.8], [-0.6, 0.8], [0, -1], [0, 1.1]]) {
      const x = one.px + dx * far, y = one.py + dy * far;
      const left = dx > 0 ? x : dx < 0 ? x - wide : x - wide / 2;
      out.push({ x: left, y, leader, end: [dx > 0 ? left - 2 : dx < 0 ? left + wide + 2 : x, y - dy * 5], far, box: [left - 2, y - TEXT / 2 - 1, left + wide + 2, y + TEXT / 2 + 2] });
    }
  }
  return out;
}

function price(spot, one, axes, taken, obstacles) {
  const [l, t, r, b] = spot.box;
  if (l < axes.left + 2 || r > axes.width - 2 || t < 2 || b > axes.bottom - 2) return 1000;
  for (const [l2, t2, r2, b2] of taken) if (l < r2 && r > l2 && t < b2 && b > t2) return 1000;
  let cost = spot.far > 11 ? spot.far / 3 : 0;
  for (const [x, y, weight] of obstacles) {
    if (x === one.px && y === one.py) continue;
    if (x > l - 3 && x < r + 3 && y > t - 3 && y < b + 3) cost += weight;
  }
  return cost;
}
