// Brings the trace to life: folds, sliders that show the other way in the same frame, the button that takes a setting over.
const states = new WeakMap();
const THIN = '\u202f', MINUS = '\u2212';

function isDark(root) {
  const colour = getComputedStyle(root).getPropertyValue('--st-background-color').trim();
  const hex = /^#[0-9a-f]{6}$/i.test(colour) ? [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16)) : (colour.match(/\d+/g) ?? [255, 255, 255]).map(Number);
  return 0.3 * hex[0] + 0.6 * hex[1] + 0.1 * hex[2] < 128;
}

// As amounts.setting in Python writes a setting.
function settingText(v) {
  const group = text => text.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
  if (v === 0) return '0';
  if (Math.abs(v) >= 100) return group(String(Math.round(v))).replace('-', MINUS);
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(v)) + 1e-12));
  return v.toFixed(Math.min(places, 12)).replace('-', MINUS);
}

function valueAt(plain, place) {
  if (!plain.log) return plain.low + (plain.high - plain.low) * place / 1000;
  return place <= 0 ? 0 : plain.first * Math.pow(plain.high / plain.first, place / 1000);
}

// The way above whose lower end the value lies: a query turns above that setting, not at it.
function wayAt(ups, value) {
  let at = 0;
  for (let i = 1; i < ups.length; i++) if (value > ups[i]) at = i;
  return at;
}

function wireFolds(root) {
  for (const fold of root.querySelectorAll('.fold')) {
    const text = fold.querySelector('.text'), button = fold.querySelector('.more');
    fold.classList.add('live');
    const measure = () => {
      if (fold.classList.contains('open')) return;
      const clipped = text.scrollHeight > text.clientHeight + 2;
      fold.classList.toggle('clipped', clipped);
      button.hidden = !clipped;
      if (clipped) text.setAttribute('tabindex', '0'); else text.removeAttribute('tabindex');
      button.textContent = button.dataset.more;
      button.setAttribute('aria-expanded', 'false');
    };
    button.onclick = () => {
      const open = fold.classList.toggle('open');
      button.textContent = open ? button.dataset.less : button.dataset.more;
      button.setAttribute('aria-expanded', String(open));
      if (!open) { text.scrollTop = 0; measure(); }
    };
    measure();
    fold.measure = measure;
  }
}

function wireKnob(knob, S) {
  const input = knob.querySelector('input'), output = knob.querySelector('output'), use = knob.querySelector('.use');
  const ways = [...knob.querySelectorAll('.way')], plain = JSON.parse(input.dataset.plain);
  let value = plain.now, shown = wayAt(plain.ups, value);
  const show = () => {
    const text = settingText(value), at = wayAt(plain.ups, value);
    output.textContent = text;
    input.setAttribute('aria-valuetext', text);
    if (at !== shown) { ways[shown].hidden = true; ways[at].hidden = false; shown = at; }
    use.disabled = value === plain.now;
  };
  input.oninput = () => { value = valueAt(plain, Number(input.value)); show(); };
  input.onpointerdown = () => { S.held = true; };
  input.onpointerup = input.onpointercancel = input.onlostpointercapture = () => { S.held = false; if (S.waiting) S.waiting(); };
  use.onclick = () => S.send({ knob: knob.dataset.knob, value });
}

function draw(S, root, data) {
  root.innerHTML = data.html;
  S.html = data.html;
  const trace = root.querySelector('.trace');
  trace.dataset.mode = isDark(root) ? 'dark' : 'light';
  wireFolds(trace);
  for (const knob of trace.querySelectorAll('.knob')) wireKnob(knob, S);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector('.mount');
  let S = states.get(parentElement);
  if (!S) {
    S = { held: false, waiting: null, html: '' };
    S.watcher = new ResizeObserver(() => { for (const fold of root.querySelectorAll('.fold')) fold.measure?.(); });
    S.watcher.observe(root);
    states.set(parentElement, S);
  }
  S.send = value => setTriggerValue('use', value);
  const take = () => {
    S.waiting = null;
    if (S.html !== data.html) draw(S, root, data);
    const trace = root.querySelector('.trace');
    if (trace) trace.dataset.mode = isDark(root) ? 'dark' : 'light';
  };
  if (S.held) S.waiting = take; else take();
}
