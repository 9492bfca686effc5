// Numbers as the product writes them: thin spaces, a real minus, three significant digits of money, never "NaN".
const THIN = '\u202f', MINUS = '\u2212';
const minus = text => text.replace('-', MINUS);

function grouped(text) {
  const [whole, part] = text.split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
  return part === undefined ? spaced : `${spaced}.${part}`;
}

function significant(v, digits = 3) {
  if (v === 0) return '0';
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(v)) + 1e-12));
  if (places > 0) return minus(grouped(v.toFixed(Math.min(places, 12))));
  return minus(grouped(Number(v.toPrecision(digits)).toFixed(0)));
}

const percent = (v, digits = 1) => `${minus((100 * v).toFixed(digits))}${THIN}%`;
const points = (v, digits = 1) => (v >= 0 ? '+' : MINUS) + Math.abs(100 * v).toFixed(digits);
const money = v => (v < 0 ? MINUS : '') + '$' + significant(Math.abs(v));
// A time under half a millisecond is short, not zero.
const seconds = v => (v > 0 && v < 0.0005 ? `< 1${THIN}ms` : v < 1 ? `${(1000 * v).toFixed(0)}${THIN}ms` : `${v.toFixed(v < 10 ? 2 : 1)}${THIN}s`);
const count = v => grouped(String(Math.round(v)));
const ratio = v => (v < 2 ? `${significant(100 * v)}${THIN}% of` : `${significant(v)}${THIN}times`);
const change = v => (v >= 0 ? '+' : MINUS) + significant(Math.abs(100 * v), Math.abs(v) < 0.1 ? 1 : 2) + `${THIN}%`;
const digitsFor = half => (known(half) && half < 0.005 ? 2 : 1);

function onX(axis, v) {
  if (!known(v)) return null;
  if (axis.unit === 'usd_per_1k') return money(v);
  if (axis.unit === 'share') return percent(v);
  return axis.unit === 's' ? seconds(v) : significant(v);
}

const aria = v => (known(v) ? v.toPrecision(5) : '0');
const settingText = (curve, v) => `${significant(v)}${curve.unit && curve.unit.length < 4 ? THIN + curve.unit : ''}`;
const fill = (words, name, values = {}) => (words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
const escaped = text => String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
// A name that is too long loses its vendor first, then its end.
function short(name, most = 24) {
  const tail = name.length > most && name.includes('/') ? name.slice(name.lastIndexOf('/') + 1) : name;
  return tail.length > most ? `${tail.slice(0, most - 1)}…` : tail;
}
