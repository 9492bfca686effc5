// The warnings under the finding: the gravest in sight, the rest under "more"; what was dismissed can be brought back.
const OPEN = { wide: 3, narrow: 1 };

const cautionItem = (S, c) => `<li class="is-${escaped(c.severity)}"><p><b><i aria-hidden="true">${escaped(c.sign)}</i> ${escaped(c.word)}</b> ${escaped(c.text)} <em>${escaped(c.todo)}</em></p><button type="button" data-dismiss="${escaped(c.id)}" aria-label="${escaped(fill(S.words, 'cautions.dismiss', { text: c.text }))}">\u00d7</button></li>`;
const cautionList = (S, some) => (some.length ? `<ul>${some.map(c => cautionItem(S, c)).join('')}</ul>` : '');
const counted = (S, name, n) => escaped(fill(S.words, n === 1 ? `${name}_one` : name, { n: count(n) }));

function buildCautions(S) {
  const el = S.el.cautions, all = S.heard?.cautions ?? [], most = S.width < 560 ? OPEN.narrow : OPEN.wide, away = S.heard?.away ?? 0;
  const rest = all.slice(most), tail = [];
  if (rest.length) tail.push(`<details><summary>${counted(S, 'cautions.more', rest.length)}</summary>${cautionList(S, rest)}</details>`);
  if (away) tail.push(`<button type="button" class="back" data-dismiss="">${counted(S, 'cautions.away', away)}</button>`);
  el.setAttribute('aria-label', S.words['cautions.label']);
  fillHtml(el, cautionList(S, all.slice(0, most)) + tail.join(''));
}

// The knob keeps two of them apart in the queue.
function wireCautions(S) {
  S.el.cautions.onclick = e => { const button = e.target.closest('[data-dismiss]'); if (button) send(S, { kind: 'dismiss', knob: button.dataset.dismiss, target: button.dataset.dismiss }); };
}
