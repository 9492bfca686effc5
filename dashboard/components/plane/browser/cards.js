// Cards and flow: built when the selection changes, filled in every frame.
// Rewritten only when it differs, so that what has the focus keeps it.
function fillHtml(el, html) { if (el.written !== html) { el.innerHTML = html; el.written = html; } }

const card = (name, title, extra = '') => `<div class="card" data-card="${name}"><h3>${escaped(title)}${extra}</h3><p class="big"><span></span><small></small></p>${name === 'sends' ? '<p class="meter"><span></span></p>' : '<p class="small one"></p>'}<p class="small two"></p></div>`;

function buildCards(S) {
  const { strategy } = selected(S), axis = S.scene.axis, w = S.words, strong = short(strongName(S, strategy), 18);
  const tag = axis.assumed ? ` <span class="tag">${escaped(w['card.assumed'])}</span>` : '';
  const parts = [card('quality', w['card.quality']), card('x', fill(w, `card.${axis.unit}`, { strong }), tag)];
  if (strategy?.flow.length && axis.unit !== 'share') parts.push(card('sends', fill(w, 'card.sends', { last: strong })));
  if (axis.unit !== 's' || strategy) parts.push(card('latency', w['card.latency']));
  if (axis.unit === 'usd_per_1k' && S.scene.monthly > 0) parts.push(card('money', w['card.money']));
  fillHtml(S.el.cards, `<h2>${escaped(w['card.title'])}</h2>${parts.join('')}`);
  S.cards = new Map([...S.el.cards.querySelectorAll('.card')].map(el => [el.dataset.card, { el, big: el.querySelector('.big span'), half: el.querySelector('.big small'), one: el.querySelector('.one'), meter: el.querySelector('.meter span'), two: el.querySelector('.two') }]));
}

function say(el, text) { if (el.textContent !== text) el.textContent = text; }
function sayCard(S, name, big, one, two, warn = false, half = '') {
  const c = S.cards.get(name);
  if (!c) return;
  say(c.big, big ?? S.words['card.not_known']);
  say(c.half, half);
  c.el.classList.toggle('unknown', big === null);
  c.el.classList.toggle('warn', warn);
  if (one !== undefined && c.one) say(c.one, one);
  if (two !== undefined) say(c.two, two);
}

function fillCards(S, f) {
  const scene = S.scene, w = S.words, axis = scene.axis, best = scene.bestDot, near = f.near ? '\u2248' + THIN : '';
  const half = known(f.half) ? ` \u00b1${THIN}${near}${(100 * f.half).toFixed(f.digits)}` : '';
  const low = known(S.floor) && f.y < S.floor, dear = known(S.budget) && f.x > S.budget;
  const span = known(f.gap_low) && known(f.gap_high) ? near + fill(w, 'card.range', { low: points(f.gap_low, f.digits), high: points(f.gap_high, f.digits) }) : w['card.no_interval'];
  sayCard(S, 'quality', known(f.y) ? percent(f.y, f.digits) : null, low ? w['card.below_floor'] : known(f.gap) && best ? fill(w, 'card.vs', { gap: points(f.gap, f.digits), best: short(best.name, 18) }) : '', best && known(f.gap) ? span : '', low, half);
  const relative = axis.unit !== 'share' && known(f.x) && scene.strongest_x > 0 ? fill(w, 'card.vs_x', { change: change(f.x / scene.strongest_x - 1), best: short(best?.name ?? '', 18) }) : '';
  const xSpan = known(f.x_low) && known(f.x_high) ? near + fill(w, 'card.range', { low: onX(axis, f.x_low), high: onX(axis, f.x_high) }) : '';
  sayCard(S, 'x', onX(axis, f.x), dear ? w['card.over_budget'] : relative || xSpan, relative || dear ? xSpan : '', dear);
  fillSends(S);
  sayCard(S, 'latency', known(f.latency) ? seconds(f.latency) : w['card.not_recorded'], known(f.latency_p95_s) ? near + fill(w, 'card.p95', { value: seconds(f.latency_p95_s) }) : '', '', false, known(f.latency) ? ` ${w['card.mean']}` : '');
  S.cards.get('latency')?.el.classList.toggle('unknown', !known(f.latency));
  const month = v => money((v * scene.monthly) / 1000);
  sayCard(S, 'money', known(f.x) ? month(f.x) : null, fill(w, 'card.month', { n: count(scene.monthly), best: short(best?.name ?? '', 18), value: known(scene.strongest_x) ? month(scene.strongest_x) : w['card.not_known'] }), '');
}

function fillSends(S) {
  const { strategy, curve } = selected(S), c = S.cards.get('sends');
  if (!c) return;
  const share = curve ? curve.answered.at(-1)[curve.k] : NaN;
  sayCard(S, 'sends', known(share) ? percent(share) : null, undefined, '');
  c.meter.style.width = known(share) ? `${100 * share}%` : '0';
  c.meter.style.background = modelColour(num(S.scene.byId.get(strategy.flow.at(-1))?.rank), S.pal.models);
}

// Which models get a cell of their own under the bar: all of a short chain, else those that answer most anywhere on the curve.
function cellsOf(strategy, curve, most) {
  const all = strategy.flow.map((_, m) => m);
  if (all.length <= most || !curve) return all.slice(0, most);
  const peak = m => curve.answered[m].reduce((a, b) => (b > a ? b : a), 0);
  return all.map(m => [m, peak(m)]).sort((a, b) => b[1] - a[1]).slice(0, most).map(([m]) => m).sort((a, b) => a - b);
}

function buildFlow(S) {
  const { strategy, curve } = selected(S), el = S.el.flow;
  S.flow = null;
  if (curve) isChain(curve);
  if (!strategy || !curve || !strategy.flow.length) { fillHtml(el, ''); return; }
  const colour = id => modelColour(num(S.scene.byId.get(id)?.rank), S.pal.models), narrow = S.width < 560;
  const shown = cellsOf(strategy, curve, narrow ? 3 : 6);
  const segments = strategy.flow.map((id, m) => `<span class="seg" style="background:${colour(id)};color:${inkOn(colour(id))}"><b></b></span>`).join('');
  const cells = shown.map(m => `<div class="cell"><i style="background:${colour(strategy.flow[m])}"></i><strong>${escaped(short(nameOf(S, strategy.flow[m]), 20))}</strong><span></span></div>`).join('');
  fillHtml(el, `<h2>${escaped(S.words['flow.title'])}</h2><div class="bar" role="img">${segments}</div><div class="cells" style="--n:${shown.length}">${cells}</div>`);
  S.flow = { bar: el.querySelector('.bar'), segments: [...el.querySelectorAll('.seg')], texts: [...el.querySelectorAll('.seg b')], cells: [...el.querySelectorAll('.cell span')], shown };
}

function inkOn(rgb) {
  const [r, g, b] = rgb.match(/\d+/g).map(v => { const c = v / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000000' : '#ffffff';
}

function fillFlow(S) {
  if (!S.flow) return;
  const { strategy, curve } = selected(S), k = curve.k, w = S.words;
  strategy.flow.forEach((id, m) => {
    const share = num(curve.answered[m][k]), name = short(nameOf(S, id), 20), wide = share * S.width;
    S.flow.segments[m].style.width = `${(100 * (known(share) ? share : 0)).toFixed(3)}%`;
    const full = `${name} ${percent(share)}`, only = percent(share);
    say(S.flow.texts[m], full.length * 7.4 + 16 < wide ? full : only.length * 7.4 + 12 < wide ? only : '');
  });
  S.flow.bar.setAttribute('aria-label', fill(w, 'flow.alt', { shares: S.flow.shown.map(m => `${nameOf(S, strategy.flow[m])} ${percent(num(curve.answered[m][k]))}`).join(', ') }));
  S.flow.shown.forEach((m, i) => {
    const called = curve.called[m][k], answered = curve.answered[m][k];
    const stop = called > 0 ? answered / called : 0;
    const text = m < strategy.flow.length - 1 && isChain(curve) ? `${fill(w, 'flow.called', { share: percent(called) })} \u00b7 ${fill(w, 'flow.stops', { share: percent(stop) })} \u00b7 ${fill(w, 'flow.goes', { share: percent(called > 0 ? 1 - stop : 0) })}` : fill(w, 'flow.answers', { share: percent(answered) });
    say(S.flow.cells[i], known(called) ? text : w['card.not_known']);
  });
}

// A chain calls more than it lets answer, somewhere on its curve; a router never does.
function isChain(curve) {
  curve.chain ??= curve.called.some((row, m) => row.some((v, k) => v - curve.answered[m][k] > 1e-4));
  return curve.chain;
}
