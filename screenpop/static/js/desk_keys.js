// Keys of the desk. Those of one letter or digit are silent in fields and can be switched off (WCAG 2.1.4).

const KEPT = 'centralita-single-keys';
const SECOND_KEY_WITHIN = 2_000;
const table = document.getElementById('keys');
const box = document.getElementById('single-keys');
let afterN = 0;
let afterLine = 0;

/** Let keys do what `does` says: line and behind it hold, pause and ready, choose(n), find, incident, close (returns whether there was something), save(). */
export function listenToKeys(does) {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey) return;
    if (handled(event, does)) event.preventDefault();
  });
}

function handled(event, does) {
  const { key, ctrlKey } = event;
  if (table.open) return false; // the table closes by itself
  if (ctrlKey) return key === 'Enter' && save(event.target, does);
  if (key === 'F2') {
    afterLine = performance.now();
    return does.line();
  }
  if (isBehindLine(event.target)) {
    afterLine = 0;
    if (key.toLowerCase() === 'h') return does.hold();
    if (key.toLowerCase() === 'p') return does.pause();
    if (key.toLowerCase() === 'l') return does.ready();
  }
  if (key === 'Escape') return does.close() || leave(event.target);
  if (isField(event.target) || localStorage.getItem(KEPT) === 'off') return false;
  if (key === '?') return show();
  if (key.toLowerCase() === 'f') return does.find();
  if (key >= '1' && key <= '9') return does.choose(Number(key));
  return letters(key.toLowerCase(), does);
}

/** Return whether the line key came just before; in a field with text in it letters stay letters. */
function isBehindLine(target) {
  return performance.now() - afterLine < SECOND_KEY_WITHIN && !(isField(target) && (target.id !== 'dial-number' || target.value));
}

function letters(key, does) {
  const isSecond = performance.now() - afterN < SECOND_KEY_WITHIN;
  afterN = key === 'n' ? performance.now() : 0;
  return key === 'n' || (isSecond && key === 'i' && does.incident());
}

function save(target, does) {
  const form = target.closest('form');
  if (form && form.id !== 'notes-form') form.requestSubmit();
  else does.save();
  return true;
}

function show() {
  table.showModal();
  return true;
}

function leave(target) {
  if (!isField(target)) return false;
  target.blur();
  return true;
}

const isField = (target) => target.matches?.('input:not([type="checkbox"]), textarea, select') ?? false;

table.querySelector('[data-close]').addEventListener('click', () => table.close());
box.checked = localStorage.getItem(KEPT) !== 'off';
box.addEventListener('change', () => localStorage.setItem(KEPT, box.checked ? 'on' : 'off'));
