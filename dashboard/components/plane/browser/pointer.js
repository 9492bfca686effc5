// Pointer and keyboard on the plane. Moves are gathered and done once a frame; Python hears on release.
function later(S, job) { S.job = job; S.raf ||= requestAnimationFrame(() => flush(S)); }
function flush(S) { if (S.raf) cancelAnimationFrame(S.raf); S.raf = 0; const job = S.job; S.job = null; job?.(); }

// Presses in a row are one move.
function soon(S, name, job, wait = 220) { clearTimeout(S.timers[name]); S.timers[name] = setTimeout(job, wait); }

// Python sees only the last of two values that arrive while it is busy. So the next one waits until the last one has been
// answered by a nudge or a scene, or for a moment; of moves of one knob in the queue only the last counts.
function send(S, what) {
  const one = { slot: '', knob: '', value: null, target: '', ...what }, last = S.queue.at(-1);
  if (last && last.kind === one.kind && last.slot === one.slot && last.knob === one.knob) S.queue.pop();
  S.queue.push(one);
  pump(S);
}

function pump(S) {
  if (!S.queue.length) return;
  const wait = S.quiet - performance.now();
  if (wait > 0) { soon(S, 'queue', () => pump(S), wait + 1); return; }
  S.quiet = performance.now() + 600;
  S.setState('commit', { ...S.queue.shift(), serial: (S.serial = Math.max(S.serial + 1, Date.now())) });
  pump(S);
}

function answered(S) { S.quiet = 0; pump(S); }

function commit(S) {
  const { strategy, curve } = selected(S);
  if (!curve) return;
  const value = curve.setting[curve.k], id = strategy.slot + curve.knob, last = S.lastSent.get(id);
  if (last === value) return;
  if (!S.before.has(id)) S.before.set(id, new Set());
  S.before.get(id).add(last).delete(value);
  S.lastSent.set(id, value);
  S.patience = performance.now() + 4000;
  say(S.el.aloud, spoken(S, S.figures, curve));
  send(S, { kind: 'set', slot: strategy.slot, knob: curve.knob, value });
}

function choose(S, i) {
  if (i === S.sel) return;
  eased(S);
  S.sel = i;
  S.wanted = { slot: S.scene.strategies[i].slot, until: performance.now() + 4000 };
  redraw(S);
  const { strategy, curve } = selected(S);
  say(S.el.aloud, S.el.finding.textContent);
  send(S, { kind: 'select', slot: strategy.slot, knob: curve?.knob ?? '' });
}

function wirePointer(S) {
  const c = S.el.canvas;
  c.onpointerdown = e => down(S, e);
  c.onpointermove = e => moved(S, e);
  c.onpointerup = () => up(S);
  c.onpointercancel = () => { if (S.drag) { const k = S.drag.k; S.drag = null; S.root.classList.remove('dragging'); flush(S); move(S, k); release(S); } };
  c.onpointerleave = () => { if (!S.drag) hideTip(S); };
  S.el.atHandle.onkeydown = e => key(S, e);
  const done = () => { if (!S.keyed) return; S.keyed = false; commit(S); release(S); };
  S.el.atHandle.onkeyup = () => soon(S, 'key', done);
  S.el.atHandle.onblur = done;
}

function down(S, e) {
  if (e.button) return;
  const b = S.bounds(), px = e.clientX - b.left, py = e.clientY - b.top, { curve } = selected(S);
  const a = S.axes, onRing = curve && distance(a.X(curve.x[curve.k]), a.Y(curve.y[curve.k]), px, py) < 22, onHandle = curve && distance(a.X(curve.pick_x[curve.k]), a.Y(curve.pick_y[curve.k]), px, py) < 18;
  const hit = onRing || onHandle ? null : under(S, px, py), other = hit && (hit.kind === 'dot' || hit.strategy !== S.sel);
  const near = curve && Math.min(nearestOn(S.lines[S.sel], px, py).far, nearestOn(S.pickLine, px, py).far) < 48;
  if (!other && !onRing && !onHandle && !near) return;
  const offset = curve && (onRing || onHandle) ? a.X(curve.pick_x[curve.k]) - px : 0;
  S.drag = { b, px, py, offset, k: curve?.k ?? 0, hit: other ? hit : null, live: Boolean(curve) && !other, jump: !onRing && !onHandle };
  S.el.canvas.setPointerCapture(e.pointerId);
  still(S);
  hideTip(S);
  if (S.drag.live) { S.root.classList.add('dragging'); S.el.atHandle.focus({ preventScroll: true }); e.preventDefault(); if (S.drag.jump) later(S, () => dragTo(S, px, py)); }
}

function dragTo(S, px, py) {
  const { curve } = selected(S);
  if (curve) move(S, pick(curve, S.axes, px, py));
}

function moved(S, e) {
  if (!S.drag) { const b = S.bounds(); if (e.pointerType === 'mouse') later(S, () => hover(S, e.clientX - b.left, e.clientY - b.top)); return; }
  const d = S.drag, px = e.clientX - d.b.left, py = e.clientY - d.b.top;
  if (!d.live && distance(px, py, d.px, d.py) > 6 && selected(S).curve && d.hit.far > 4) { d.live = true; d.hit = null; S.root.classList.add('dragging'); }
  if (d.live) later(S, () => dragTo(S, px + d.offset, py));
}

function up(S) {
  const d = S.drag;
  if (!d) return;
  flush(S);
  S.drag = null;
  S.root.classList.remove('dragging');
  if (d.live) commit(S);
  else if (d.hit.kind === 'curve') choose(S, d.hit.strategy);
  else send(S, { kind: 'open', target: d.hit.dot.id });
  release(S);
}

// What Python said while the reader was busy.
function release(S) {
  const nudge = S.waiting;
  S.waiting = null;
  if (nudge) hear(S, nudge);
}

function key(S, e) {
  const { curve } = selected(S);
  if (!curve) return;
  const n = curve.order.length, step = Math.max(1, Math.round(n / 200)), far = Math.max(1, Math.round(n / 20)), now = curve.rank[curve.k];
  const to = { ArrowRight: now + step, ArrowUp: now + step, ArrowLeft: now - step, ArrowDown: now - step, PageUp: now + far, PageDown: now - far, Home: 0, End: n - 1 }[e.key];
  if (to === undefined) return;
  e.preventDefault();
  still(S);
  S.keyed = true;
  move(S, curve.order[Math.min(n - 1, Math.max(0, to))]);
}

function hideTip(S) { S.el.tip.hidden = true; S.el.canvas.style.cursor = ''; }

function hover(S, px, py) {
  const hit = under(S, px, py);
  if (!hit) { hideTip(S); return; }
  S.el.canvas.style.cursor = 'pointer';
  showTip(S, px, py, hit.kind === 'dot' ? dotTip(S, hit.dot) : curveTip(S, hit));
}

function showTip(S, px, py, [title, rows, hint]) {
  const tip = S.el.tip;
  tip.innerHTML = `<strong>${escaped(title)}</strong>${rows.map(([a, b]) => `<span>${escaped(a)}</span><b>${escaped(b)}</b>`).join('')}<em>${escaped(hint)}</em>`;
  tip.hidden = false;
  put(tip, px + 16 + 210 > S.axes.width ? Math.max(4, px - 222) : px + 16, Math.max(4, Math.min(py - 20, S.axes.height - 150)));
}

const xName = (S, strategy) => fill(S.words, `x.${S.scene.axis.unit}`, { strong: strongName(S, strategy) });

function dotTip(S, d) {
  const w = S.words, half = (d.y_high - d.y_low) / 2, digits = digitsFor(half);
  const rows = [[S.scene.quality_label, (known(d.y) ? percent(d.y, digits) : w['card.not_known']) + (known(half) ? ` \u00b1${THIN}${(100 * half).toFixed(digits)}` : '')], [xName(S, selected(S).strategy), onX(S.scene.axis, d.x) ?? w['card.not_known']]];
  if (d.n) rows.push([w['plane.n'], count(d.n)]);
  if (d.note) rows.push(['', d.note]);
  return [d.name, rows, w['plane.open']];
}

function curveTip(S, hit) {
  const s = S.scene.strategies[hit.strategy], c = curveOf(S, s), w = S.words, share = c?.answered.length ? c.answered.at(-1)[hit.k] : NaN, p = s.point_only;
  const y = c ? c.y[hit.k] : p.y, x = c ? c.x[hit.k] : p.x;
  const rows = [[S.scene.quality_label, percent(y)], [xName(S, s), onX(S.scene.axis, x) ?? w['card.not_known']]];
  if (c) rows.unshift([c.label, settingText(c, c.setting[hit.k])]);
  if (known(share) && S.scene.axis.unit !== 'share') rows.push([fill(w, 'card.sends', { last: short(strongName(S, s), 16) }), percent(share)]);
  return [s.title, rows, hit.strategy === S.sel ? '' : w['plane.select']];
}
