// Figures at a setting, and the sentence that says what they mean. Its twin is twin.py: a test holds the two together.
function hullAt(xs, ys, x) {
  if (!xs.length || !known(x) || x < xs[0]) return NaN;
  for (let i = 1; i < xs.length; i++) if (x <= xs[i]) return ys[i - 1] + ((ys[i] - ys[i - 1]) * (x - xs[i - 1])) / (xs[i] - xs[i - 1] || 1);
  return ys[ys.length - 1];
}

function between(bands, name, at, share) {
  const a = bands[name];
  return share ? a[at - 1] + (a[at] - a[at - 1]) * share : a[at];
}

// Interval figures at a setting: from Python's exact ones if they are for this setting, else between two breakpoints.
function intervals(S, strategy, curve) {
  const none = { x_low: NaN, x_high: NaN, y_low: NaN, y_high: NaN, latency_p95_s: NaN, gap: NaN, gap_low: NaN, gap_high: NaN, near: false };
  if (S.exact && S.exact.slot === strategy.slot && (!curve || (S.exact.knob === curve.knob && S.exact.k === curve.k))) return { ...none, ...S.exact.figures };
  if (!curve) return strategy.point_only ? { ...none, x_low: strategy.point_only.x_low, x_high: strategy.point_only.x_high, y_low: strategy.point_only.y_low, y_high: strategy.point_only.y_high } : none;
  const b = curve.bands;
  if (!b || !b.setting.length) return none;
  const v = curve.setting[curve.k], at = Math.min(b.setting.length - 1, bisect(b.setting, v));
  const inside = at > 0 && b.setting[at] > v, share = inside ? (v - b.setting[at - 1]) / (b.setting[at] - b.setting[at - 1]) : 0;
  const out = { near: inside || b.setting[at] < v };
  for (const name of Object.keys(none)) if (name !== 'near') out[name] = between(b, name, at, share);
  return out;
}

// Closed form: the same calls and the same answers, dealt to queries at random.
function atRandom(scene, strategy, curve, k) {
  let x = 0, y = 0;
  strategy.flow.forEach((id, m) => {
    const dot = scene.byId.get(id), called = curve.called[m][k], answered = curve.answered[m][k];
    if (called > 0) x += called * (dot ? dot.x : NaN);
    if (answered > 0) y += answered * (dot ? dot.y : NaN);
  });
  return { x, y };
}

function figures(S) {
  const { strategy, curve } = selected(S), scene = S.scene, best = scene.bestDot;
  if (!strategy) return null;
  const k = curve ? curve.k : 0, point = strategy.point_only;
  const f = { ...intervals(S, strategy, curve), x: curve ? curve.x[k] : num(point?.x), y: curve ? curve.y[k] : num(point?.y), latency: curve ? curve.latency_s[k] : NaN };
  if (S.exact && !f.near && S.exact.slot === strategy.slot && known(S.exact.figures.x) && curve && S.exact.knob === curve.knob && S.exact.k === k) { f.x = S.exact.figures.x; f.y = S.exact.figures.y; if (known(S.exact.figures.latency_s)) f.latency = S.exact.figures.latency_s; }
  if (!known(f.gap)) f.gap = best ? f.y - best.y : NaN;
  f.zero = hullAt(scene.zero_x, scene.zero_y, f.x);
  f.random = curve ? atRandom(scene, strategy, curve, k) : { x: NaN, y: NaN };
  f.half = (f.y_high - f.y_low) / 2;
  f.digits = digitsFor(f.half);
  return f;
}

function pricePart(S, f, strong) {
  const axis = S.scene.axis, best = S.scene.strongest_x;
  if (axis.unit === 'share' && known(f.x)) return fill(S.words, 'price.share', { x: onX(axis, f.x), strong });
  if (!known(f.x) || !known(best)) return S.words[axis.unit === 's' ? 'price.unknown_s' : 'price.unknown'];
  if (best === 0) return fill(S.words, 'price.free', { best: S.scene.bestDot?.name });
  return fill(S.words, `price.${axis.unit}`, { share: ratio(f.x / best) });
}

function findingCase(f, best) {
  if (!known(f.y)) return 'unknown';
  if (known(f.zero) && f.y < f.zero - 1e-4) return f.y_high >= f.zero ? 'nogain' : 'below';
  if (f.gap_low > 0) return 'beats';
  if (f.gap_low <= 0 && f.gap_high >= 0) return 'level';
  if (!known(f.gap_low) && f.gap > 0) return 'above';
  return best ? 'keeps' : 'unknown';
}

function finding(S, f) {
  const best = S.scene.bestDot, w = S.words, { strategy } = selected(S), n = fill(w, 'finding.n', { n: count(S.scene.n_test) });
  if (!strategy) return (best ? fill(w, 'finding.single', { best: best.name, quality: percent(best.y) }) : w['finding.empty']) + n;
  const price = pricePart(S, f, strongName(S, strategy)), name = findingCase(f, best);
  const values = { strategy: strategy.title, best: best?.name, price, quality: percent(f.y, f.digits), zero: percent(f.zero, f.digits), gap: points(f.gap, f.digits), low: points(f.gap_low, f.digits), high: points(f.gap_high, f.digits), keeps: best ? percent(f.y / best.y) : '', half: (100 * f.half).toFixed(f.digits), budget: w[`budget.${S.scene.axis.unit}`] };
  if (name === 'beats' || name === 'above') values.gap = (100 * f.gap).toFixed(f.digits);
  const said = fill(w, `finding.${name}`, values);
  return (strategy.bound ? fill(w, 'finding.bound', { finding: said }) : said) + n;
}

const nameOf = (S, id) => S.scene.byId.get(id)?.name ?? id;
const strongName = (S, strategy) => (strategy?.flow.length ? nameOf(S, strategy.flow.at(-1)) : (S.scene.bestDot?.name ?? ''));
