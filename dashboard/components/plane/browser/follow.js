// Everything that follows the handle within the frame. No layout is read in here.
function curveOf(S, strategy) { return strategy.curves.length ? strategy.curves[S.knob.get(strategy.slot) ?? strategy.selected_knob] ?? strategy.curves[0] : null; }

function selected(S) {
  const strategy = S.scene.strategies[S.sel] ?? null;
  return { strategy, curve: strategy ? curveOf(S, strategy) : null };
}

const put = (el, x, y) => { el.style.transform = `translate(${x.toFixed(2)}px,${y.toFixed(2)}px)`; };
const showIf = (el, yes) => { el.style.visibility = yes ? '' : 'hidden'; };

function follow(S) {
  const start = performance.now(), f = figures(S);
  S.figures = f;
  followPlane(S, f);
  say(S.el.finding, finding(S, f));
  if (f) { fillCards(S, f); fillFlow(S); followKnobs(S); }
  const hub = window.__routescope;
  if (hub?.watch) hub.watch.push(performance.now() - start);
}

function followPlane(S, f) {
  const { curve } = selected(S), a = S.axes, el = S.el, drawn = f && known(f.x) && known(f.y);
  const test = drawn ? [a.X(f.x), a.Y(f.y)] : [0, 0];
  showIf(el.ring, drawn); showIf(el.atRing, drawn && curve);
  put(el.ring, ...test); put(el.atRing, ...test);
  const hx = curve ? a.X(curve.pick_x[curve.k]) : NaN, hy = curve ? a.Y(curve.pick_y[curve.k]) : NaN, held = known(hx) && known(hy);
  for (const one of [el.handle, el.atHandle]) { showIf(one, held); if (held) put(one, hx, hy); }
  el.tether.setAttribute('d', held && drawn ? `M${hx.toFixed(1)},${hy.toFixed(1)}L${test[0].toFixed(1)},${test[1].toFixed(1)}` : '');
  const r = f?.random, mixed = r && known(r.x) && known(r.y);
  showIf(el.random, mixed);
  if (mixed) put(el.random, a.X(r.x), a.Y(r.y));
  if (curve) followHandle(S, f, curve);
}

function followHandle(S, f, curve) {
  const h = S.el.atHandle, x = num(curve.pick_x[curve.k]);
  h.setAttribute('aria-valuenow', aria(x));
  h.setAttribute('aria-valuetext', spoken(S, f, curve));
}

function spoken(S, f, curve) {
  const axis = S.scene.axis, { strategy } = selected(S), last = strongName(S, strategy), share = curve.answered.length ? curve.answered.at(-1)[curve.k] : NaN;
  const unknown = S.words['card.not_known'];
  return fill(S.words, 'plane.value', { knob: curve.label, setting: settingText(curve, curve.setting[curve.k]), quality: known(f.y) ? percent(f.y, f.digits) : unknown, xname: fill(S.words, `x.${axis.unit}`, { strong: last }), x: onX(axis, f.x) ?? unknown, share: known(share) ? percent(share) : unknown, last });
}

// Range inputs move in 0..1000; a log knob whose least setting is 0 keeps a notch of its own for it.
function rangeOf(curve) {
  const s = curve.setting, low = s[0], high = s[s.length - 1];
  if (curve.scale !== 'log' || high <= 0) return { to: v => (high > low ? (1000 * (v - low)) / (high - low) : 0), from: p => low + ((high - low) * p) / 1000 };
  const least = s.find(v => v > 0), a = Math.log10(least), b = Math.log10(high), notch = low <= 0 ? 20 : 0;
  return { to: v => (v < least ? 0 : notch + ((1000 - notch) * (Math.log10(v) - a)) / (b - a || 1)), from: p => (p < notch ? low : 10 ** (a + ((b - a) * (p - notch)) / (1000 - notch))) };
}

function buildKnobs(S) {
  const { strategy } = selected(S), el = S.el.knobs;
  S.ranges = [];
  if (!strategy) { fillHtml(el, ''); return; }
  if (!strategy.curves.length) { fillHtml(el, `<p class="small">${escaped(S.few ? S.words['plane.few'] : fill(S.words, 'knobs.none', { strategy: strategy.title }))}</p>`); return; }
  fillHtml(el, strategy.curves.map((c, i) => `<div class="knob"><label for="r${i}">${escaped(c.label)}</label><output for="r${i}"></output><input id="r${i}" type="range" min="0" max="1000" step="1" aria-describedby="h${i}"><p class="small" id="h${i}">${escaped(helpOf(S.words, c))}</p></div>`).join(''));
  S.ranges = strategy.curves.map((curve, i) => ({ curve, map: rangeOf(curve), input: el.querySelector(`#r${i}`), out: el.querySelectorAll('output')[i] }));
  S.ranges.forEach((range, i) => wireRange(S, range, i));
}

const helpOf = (words, curve) => [curve.help, curve.higher_means ? fill(words, 'knobs.higher', { means: curve.higher_means }) : ''].filter(Boolean).join(' ');

function followKnobs(S) {
  for (const { curve, map, input, out } of S.ranges) {
    const v = curve.setting[curve.k], text = settingText(curve, v);
    if (S.held !== input) input.value = map.to(v);
    say(out, text);
    input.setAttribute('aria-valuetext', text);
  }
}

function wireRange(S, { curve, map, input }, i) {
  input.oninput = () => { S.held = input; grabKnob(S, i); still(S); move(S, indexOf(curve, map.from(+input.value))); };
  input.onpointerdown = () => { S.byPointer = true; };
  input.onkeydown = () => { S.byPointer = false; };
  input.onchange = () => soon(S, 'range', () => { S.held = null; commit(S); release(S); }, S.byPointer ? 0 : 220);
}

// The knob in hand is the one whose curve is drawn.
function grabKnob(S, i) {
  const { strategy } = selected(S), now = S.knob.get(strategy.slot) ?? strategy.selected_knob;
  if (now === i) return;
  S.knob.set(strategy.slot, i);
  redraw(S);
}

function move(S, k) {
  const { curve } = selected(S);
  if (!curve || curve.k === k) return;
  curve.k = k;
  follow(S);
}

const still = S => S.root.classList.remove('ease');
const eased = S => S.root.classList.add('ease');
