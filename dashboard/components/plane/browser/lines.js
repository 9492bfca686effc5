// Quality floor and budget: grips on the axes, and what they cut away.
const LINES = {
  floor: { up: ['ArrowUp', 'ArrowRight'], down: ['ArrowDown', 'ArrowLeft'], low: a => a.y0, high: a => a.y1, off: a => a.y0, keeps: (a, v) => v > a.y0 + (a.y1 - a.y0) * 0.01, at: (a, px, py) => a.yAt(py), text: (S, v) => percent(v) },
  budget: { up: ['ArrowRight', 'ArrowUp'], down: ['ArrowLeft', 'ArrowDown'], low: a => a.xAt(a.left), high: a => a.xAt(a.right), off: a => a.xAt(a.right), keeps: (a, v) => a.X(v) < a.right - 4, at: (a, px) => a.xAt(px), text: (S, v) => onX(S.scene.axis, v) },
};

function followLines(S) {
  const a = S.axes, el = S.el, y = known(S.floor) ? Math.min(a.bottom, Math.max(a.top, a.Y(S.floor))) : a.bottom, x = known(S.budget) ? Math.min(a.right, Math.max(a.left, a.X(S.budget))) : a.right;
  box(el.vFloor, a.left, y, a.right - a.left, known(S.floor) ? a.bottom - y : 0);
  box(el.vBudget, x, a.top, known(S.budget) ? a.right - x : 0, (known(S.floor) ? y : a.bottom) - a.top);
  el.lFloor.setAttribute('d', known(S.floor) ? `M${a.left},${y}H${a.right}` : '');
  el.lBudget.setAttribute('d', known(S.budget) ? `M${x},${a.top}V${a.bottom}` : '');
  put(el.atFloor, a.left, y); put(el.atBudget, x, a.bottom);
  if (known(S.floor)) lineText(el.tFloor, `\u2265 ${percent(S.floor)}`, a.left + 8, y - 6, 'start');
  else lineText(el.tFloor, `\u2191 ${S.words['plane.floor_short']}`, a.left + 12, a.bottom - 7, 'start', true);
  if (known(S.budget)) lineText(el.tBudget, `\u2264 ${onX(S.scene.axis, S.budget)}`, x - 6, a.bottom - 22, 'end');
  else lineText(el.tBudget, `\u2190 ${S.words['plane.budget_short']}`, a.right - 10, a.bottom - 7, 'end', true);
  for (const name of Object.keys(LINES)) lineAria(S, name);
}

function lineText(el, text, x, y, anchor, idle = false) { el.textContent = text; el.classList.toggle('idle', idle); el.setAttribute('x', x); el.setAttribute('y', y); el.setAttribute('text-anchor', anchor); }
function box(el, x, y, w, h) { for (const [name, v] of Object.entries({ x, y, width: Math.max(0, w), height: Math.max(0, h) })) el.setAttribute(name, v); }

function lineAria(S, name) {
  const grip = name === 'floor' ? S.el.atFloor : S.el.atBudget, line = LINES[name], a = S.axes, v = S[name];
  grip.classList.toggle('on', known(v));
  grip.setAttribute('aria-label', S.words[`plane.${name}`]);
  grip.setAttribute('title', S.words[`plane.${name}_hint`]);
  grip.setAttribute('aria-valuemin', line.low(a).toPrecision(5));
  grip.setAttribute('aria-valuemax', line.high(a).toPrecision(5));
  grip.setAttribute('aria-valuenow', (known(v) ? v : line.off(a)).toPrecision(5));
  grip.setAttribute('aria-valuetext', known(v) ? line.text(S, v) : S.words[`plane.${name}_off`]);
}

function setLine(S, name, v) {
  S[name] = v !== null && LINES[name].keeps(S.axes, v) ? v : NaN;
  followLines(S);
  S.el.dots.innerHTML = drawDots(S);
  if (S.figures) fillCards(S, S.figures);
}

function wireLine(S, name, grip) {
  grip.onpointerdown = e => { e.stopPropagation(); grip.setPointerCapture(e.pointerId); S.line = name; };
  grip.onpointermove = e => {
    if (S.line !== name) return;
    e.stopPropagation();
    const b = S.bounds();
    later(S, () => setLine(S, name, LINES[name].at(S.axes, e.clientX - b.left, e.clientY - b.top)));
  };
  grip.onpointerup = grip.onpointercancel = () => { if (S.line === name) { S.line = null; flush(S); sendLine(S, name); } };
  grip.ondblclick = () => { setLine(S, name, null); sendLine(S, name); };
  grip.onkeydown = e => keyLine(S, name, e);
}

function keyLine(S, name, e) {
  const line = LINES[name], a = S.axes, v = known(S[name]) ? S[name] : line.off(a);
  const toward = line.up.includes(e.key) ? 1 : line.down.includes(e.key) ? -1 : 0;
  if (['Delete', 'Backspace', 'Escape'].includes(e.key)) setLine(S, name, null);
  else if (toward && name === 'floor') setLine(S, name, Math.min(a.y1, Math.max(a.y0, v + (toward * (a.y1 - a.y0)) / 50)));
  else if (toward) setLine(S, name, a.xAt(Math.min(a.right, Math.max(a.left, a.X(v) + (toward * (a.right - a.left)) / 50))));
  else return;
  e.preventDefault();
  soon(S, name, () => sendLine(S, name));
}

const grip = (S, name) => (name === 'floor' ? S.el.atFloor : S.el.atBudget);
const sendLine = (S, name) => { if (S.sent[name] !== S[name] && (known(S.sent[name]) || known(S[name]))) { S.sent[name] = S[name]; S.linesUntil = performance.now() + 4000; send(S, { kind: name, value: known(S[name]) ? S[name] : null }); } };
