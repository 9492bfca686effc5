// Entry: one state per mount, kept over reruns; redrawn when scene, theme or width change.
const states = new WeakMap();
const PARTS = { finding: '.finding', cautions: '.cautions', strategies: '.strategies', canvas: '.canvas', svg: '.draw', back: '.back', curves: '.curves', dots: '.dots', vFloor: '.v-floor', vBudget: '.v-budget', lFloor: '.l-floor', lBudget: '.l-budget', tFloor: '.t-floor', tBudget: '.t-budget', tether: '.tether', random: '.random', ring: '.ring', handle: '.handle', names: '.names', atRing: '.at-ring', atHandle: '.at-handle', atFloor: '.at-floor', atBudget: '.at-budget', tip: '.tip', key: '.key', scale: '.scale', cards: '.cards', knobs: '.knobs', flow: '.flow', changed: '.changed', aloud: '.aloud', inside: '#inside rect' };

function fresh(parentElement) {
  const root = parentElement.querySelector('.stage'), el = {};
  for (const [name, query] of Object.entries(PARTS)) el[name] = root.querySelector(query);
  const S = { root, el, knob: new Map(), lastSent: new Map(), before: new Map(), sent: {}, timers: {}, sel: 0, floor: NaN, budget: NaN, serial: 0, queue: [], quiet: 0, exact: null, spots: [], lines: [], pickLine: [], ranges: [] };
  S.bounds = () => el.svg.getBoundingClientRect();
  wirePointer(S);
  wireCautions(S);
  wireLine(S, 'floor', el.atFloor);
  wireLine(S, 'budget', el.atBudget);
  for (const button of el.scale.children) button.onclick = () => { S.log = button.dataset.log === '1'; redraw(S); send(S, { kind: 'scale', target: S.log ? 'log' : 'linear' }); };
  S.watcher = new ResizeObserver(() => { const wide = el.canvas.clientWidth; if (S.scene && wide && wide !== S.wide) redraw(S); });
  S.watcher.observe(el.canvas);
  return S;
}

function dark(root) {
  const colour = getComputedStyle(root).getPropertyValue('--st-background-color').trim();
  const parts = /^#[0-9a-f]{6}$/i.test(colour) ? [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16)) : (colour.match(/\d+/g) ?? [255, 255, 255]).map(Number);
  return 0.3 * parts[0] + 0.6 * parts[1] + 0.1 * parts[2] < 128;
}

function paint(S) {
  S.mode = dark(S.root) ? 'dark' : 'light';
  S.pal = PALETTES[S.mode];
  S.root.dataset.mode = S.mode;
  for (const name of ['paper', 'panel', 'ink', 'muted', 'faint', 'line', 'accent', 'oracle', 'warn', 'wrong']) S.root.style.setProperty(`--${name}`, S.pal[name]);
}

function load(S, data) {
  const old = S.scene, packed = decode(data), slot = old?.strategies[S.sel]?.slot;
  S.packed = packed; S.scene = packed.scene; S.words = packed.scene.words; S.exact = null;
  S.few = S.scene.strategies.every(s => !s.curves.length) && S.scene.n_test < 100;
  const kept = S.scene.strategies.findIndex(s => s.slot === slot);
  S.sel = kept >= 0 ? kept : 0;
  S.span = spans(S.scene);
  if (!old || old.axis.unit !== S.scene.axis.unit || old.axis.label !== S.scene.axis.label) { S.log = S.scene.axis.log; S.budget = NaN; }
  else if (old.axis.log !== S.scene.axis.log) S.log = S.scene.axis.log;
  settle(S);
  if (old) keepSettings(S, old);
  for (const s of S.scene.strategies) for (const c of s.curves) if (!S.lastSent.has(s.slot + c.knob)) S.lastSent.set(s.slot + c.knob, c.setting[c.k]);
}

// A scene knows the tuned settings only; those of this run may have come before it, in the nudge.
function settle(S) {
  for (const s of S.scene.strategies) for (const c of s.curves) { const value = S.heard?.settings?.[s.slot]?.[c.knob]; if (known(value)) c.k = indexOf(c, value); }
}

// A new scene of the same strategies must not throw back a knob that is being moved.
function keepSettings(S, old) {
  if (!S.drag && !S.held && !S.keyed) return;
  const was = old.strategies.find(s => s.slot === S.scene.strategies[S.sel]?.slot);
  for (const c of was?.curves ?? []) { const now = selected(S).strategy.curves.find(n => n.knob === c.knob); if (now) now.k = indexOf(now, c.setting[c.k]); }
}

// The settings of this run. What is older than what the reader just did is not heard.
function hear(S, nudge) {
  if (S.drag || S.held || S.keyed) { S.waiting = nudge; return; }
  const first = !S.heard;
  S.heard = nudge;
  const at = S.scene.strategies.findIndex(s => s.slot === nudge.slot), late = S.wanted && S.wanted.slot !== nudge.slot && performance.now() < S.wanted.until;
  if (at >= 0 && !late) { S.sel = at; S.wanted = null; }
  for (const s of S.scene.strategies) {
    const named = s.curves.findIndex(c => s.slot === nudge.slot && c.knob === nudge.knob);
    if (named >= 0) S.knob.set(s.slot, named);
    for (const c of s.curves) hearKnob(S, s, c, nudge.settings?.[s.slot]?.[c.knob]);
  }
  hearExact(S, nudge);
  for (const name of Object.keys(LINES)) if (nudge[name] !== null && !(performance.now() < S.linesUntil)) { S[name] = nudge[name]; S.sent[name] = nudge[name]; }
  say(S.el.changed, nudge.what_changed || '\u00a0');
  if (!first) eased(S);  // the first setting is where it is: nothing flies in
  redraw(S);
}

function hearKnob(S, strategy, curve, value) {
  if (value === undefined || value === null) return;
  const id = strategy.slot + curve.knob, k = indexOf(curve, value), before = S.before.get(id), last = S.lastSent.get(id);
  const stale = before && performance.now() < S.patience && k !== indexOf(curve, last) && [...before].some(v => indexOf(curve, v) === k);
  if (stale) { curve.k = indexOf(curve, last); return; }
  S.before.delete(id);
  S.lastSent.set(id, curve.setting[k]);
  curve.k = k;
}

function hearExact(S, nudge) {
  const { strategy, curve } = selected(S), value = curve && nudge?.settings?.[nudge.slot]?.[curve.knob];
  S.exact = null;
  if (!nudge?.exact || !strategy || strategy.slot !== nudge.slot) return;
  const figures = Object.fromEntries(Object.entries(nudge.exact).map(([name, v]) => [name, num(v)]));
  S.exact = { slot: nudge.slot, knob: curve?.knob, k: curve ? indexOf(curve, value ?? curve.value) : 0, figures };
}

function redraw(S) {
  const el = S.el, wide = el.canvas.clientWidth, tall = el.canvas.clientHeight;
  if (!wide || !S.scene) return;
  S.wide = wide; S.width = S.root.clientWidth;
  const log = Boolean(S.log) && S.span.positive, a = (S.axes = makeAxes(S.scene, S.span, wide, tall, log));
  el.svg.setAttribute('viewBox', `0 0 ${wide} ${tall}`);
  box(el.inside, a.left, 0, a.right - a.left + EDGE.right, a.bottom);
  S.spots = S.scene.dots.filter(d => known(d.x) && known(d.y)).map(dot => ({ dot, px: a.X(dot.x), py: a.Y(dot.y) }));
  S.lines = S.scene.strategies.map(s => { const c = curveOf(S, s), p = s.point_only; return c ? outline(c.x, c.y, a) : p && known(p.x) && known(p.y) ? [[a.X(p.x), a.Y(p.y), 0]] : []; });
  const { strategy, curve } = selected(S);
  S.pickLine = curve ? outline(curve.pick_x, curve.pick_y, a) : [];
  if (strategy) S.root.style.setProperty('--mine', colourOf(S, strategy));
  el.back.innerHTML = drawZero(S) + drawGrid(S) + drawEnvelope(S);
  el.curves.innerHTML = drawCurves(S);
  el.dots.innerHTML = drawDots(S);
  buildAround(S, log);
  follow(S);
  followLines(S);
}

function buildAround(S, log) {
  buildCautions(S); buildStrategies(S); buildKey(S); buildNames(S); buildCards(S); buildFlow(S);
  buildKnobs(S);
  const { strategy, curve } = selected(S), el = S.el, w = S.words;
  el.svg.setAttribute('aria-label', fill(w, 'plane.alt', { x: S.scene.axis.label, models: S.scene.dots.length, strategies: S.scene.strategies.length }));
  S.root.setAttribute('aria-label', w['stage.title']);
  el.cards.setAttribute('aria-label', w['card.title']);
  if (curve) {
    el.atHandle.setAttribute('aria-label', fill(w, 'plane.handle', { strategy: strategy.title, knob: curve.label }));
    el.atHandle.setAttribute('aria-valuemin', aria(curve.sortedX[0]));
    el.atHandle.setAttribute('aria-valuemax', aria(curve.sortedX.at(-1)));
  }
  el.scale.setAttribute('aria-label', w['plane.scale']);
  for (const button of el.scale.children) {
    const isLog = button.dataset.log === '1';
    say(button, w[isLog ? 'plane.log' : 'plane.linear']);
    button.setAttribute('aria-pressed', String(isLog === log));
    button.disabled = isLog && !S.span.positive;
    button.title = button.disabled ? w['plane.free'] : '';
  }
}

function buildStrategies(S) {
  const el = S.el.strategies;
  el.setAttribute('aria-label', S.words['legend.strategies']);
  fillHtml(el, S.scene.strategies.map((s, i) => `<button type="button" aria-pressed="${i === S.sel}" style="--own:${colourOf(S, s)}"><i></i>${escaped(s.title)}</button>`).join('') + `<span class="badge">${escaped(S.scene.badge)}</span>`);
  el.querySelectorAll('button').forEach((button, i) => { button.onclick = () => { choose(S, i); el.querySelectorAll('button')[i]?.focus(); }; });
}

function buildKey(S) {
  const { curve } = selected(S), w = S.words, g = (inner) => `<svg viewBox="-9 -7 18 14" aria-hidden="true">${inner}</svg>`;
  const items = [];
  if (curve) items.push(['plane.calibrate', g('<circle r="5" class="k-handle"/>')], ['plane.test', g('<circle r="5" class="k-ring"/><circle r="1.5" class="k-handle"/>')], ['plane.random', g('<path d="M0,-5L5,0L0,5L-5,0Z" class="k-random"/>')]);
  if (S.scene.dots.some(d => d.kind === 'oracle')) items.push(['plane.oracle', g(`<path d="${star(0, 0, 6.5)}" class="oracle"/>`)]);
  if (S.scene.zero_x.length) items.push(['plane.zero', g('<path d="M-9,0H9" class="zero"/>')]);
  if (S.packed.hull_x.length > 1 && S.scene.strategies.length) items.push(['plane.envelope', g('<path d="M-9,0H9" class="envelope"/>')]);
  fillHtml(S.el.key, items.map(([name, glyph]) => `<span>${glyph}${escaped(w[name])}</span>`).join('') + (S.scene.axis.log && !S.span.positive ? `<span>${escaped(w['plane.free'])}</span>` : ''));
}

// Dots for the keyboard: one stop, arrows go from model to model, Enter opens.
function buildNames(S) {
  const el = S.el.names, w = S.words, sorted = [...S.spots].sort((a, b) => a.px - b.px);
  el.setAttribute('aria-label', w['plane.dots']);
  fillHtml(el, sorted.map(({ dot, px, py }, i) => `<button type="button" tabindex="${i ? -1 : 0}" style="left:${px.toFixed(1)}px;top:${py.toFixed(1)}px" aria-label="${escaped(fill(w, 'plane.dot', { name: dot.name, quality: percent(dot.y), xname: xName(S, selected(S).strategy), x: onX(S.scene.axis, dot.x), n: count(dot.n) }))}"></button>`).join(''));
  [...el.children].forEach((button, i) => {
    button.onclick = () => send(S, { kind: 'open', target: sorted[i].dot.id });
    button.onfocus = () => { if (button.matches(':focus-visible')) showTip(S, sorted[i].px, sorted[i].py, dotTip(S, sorted[i].dot)); };
    button.onblur = () => hideTip(S);
    button.onkeydown = e => { const to = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1 }[e.key]; if (to !== undefined && el.children[to]) { e.preventDefault(); button.tabIndex = -1; el.children[to].tabIndex = 0; el.children[to].focus(); } };
  });
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  if (!(data instanceof Uint8Array)) return undefined;
  let S = states.get(parentElement);
  if (!S) { S = fresh(parentElement); states.set(parentElement, S); }
  S.setState = setStateValue;
  paint(S);
  if (S.data !== data) { S.data = data; load(S, data); hearExact(S, S.heard); }
  const hub = (window.__routescope ??= { stages: {}, nudges: {} }), mount = S.packed.mount;
  hub.stages[mount] = nudge => { hear(S, nudge); answered(S); };
  if (hub.nudges[mount] && hub.nudges[mount] !== S.heard) hear(S, hub.nudges[mount]); else redraw(S);
  answered(S);
  // Only if it is still this stage's: a new one of the same name may have come first.
  const mine = hub.stages[mount];
  return () => { S.watcher.disconnect(); states.delete(parentElement); if (hub.stages[mount] === mine) delete hub.stages[mount]; };
}
