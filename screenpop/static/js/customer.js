// One customer's page: put right in place, taken back, called.

import { Problem, api } from './api.js';
import { isOpen, open, whenSaved } from './record_edit.js';
import { newKey } from './desk_forms.js';
import { regardless, remember, wishOf } from './dial_again.js';
import { tellDone } from './done.js';
import { _ } from './i18n.js';
import { reason } from './reasons.js';

const KEPT = 'centralita-undo';
const at = (id) => document.getElementById(id);
const { path } = at('customer').dataset;

async function edit() {
  if (isOpen()) return;
  try {
    open(await api('GET', path));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(reason(problem), 'dial-fault');
  }
}

/** Keep what was changed, and remember what it was: the page is drawn anew, and offers to take it back. */
async function save(changes, version, _key, known) {
  const after = await api('PATCH', path, changes, { version });
  const before = Object.fromEntries(Object.keys(changes).map((name) => [name, backOf(known[name], after[name])]));
  sessionStorage.setItem(KEPT, JSON.stringify({ path, version: after.version, changes: before }));
  location.reload();
}

/** Return `before` as it can be sent again: of what is gone there is no id any more. */
function backOf(before, after) {
  if (!Array.isArray(before)) return before;
  const there = new Set((after ?? []).map((one) => one?.id));
  return before.map((one) => (one?.id && !there.has(one.id) ? { ...one, id: null } : one));
}

function offerUndo() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  sessionStorage.removeItem(KEPT);
  if (kept?.path !== path) return;
  tellDone(_('Saved.'), async () => {
    await api('PATCH', path, kept.changes, { version: kept.version });
    location.reload();
  });
}

async function dial(button) {
  if (button.getAttribute('aria-busy') === 'true') return;
  tell(null);
  button.setAttribute('aria-busy', 'true');
  const wish = wishOf(button);
  try {
    await api('POST', '/calls', { ...wish, regardless: regardless(wish) }, { key: newKey() });
    remember(wish, null);
    tell(_('The exchange was asked: your phone rings first.'));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    remember(wish, problem);
    tell(reason(problem), 'dial-fault');
  } finally {
    button.removeAttribute('aria-busy');
  }
}

function tell(text, id = 'dial-told') {
  for (const name of ['dial-told', 'dial-fault']) at(name).hidden = true;
  if (text === null) return;
  at(id).textContent = text;
  at(id).hidden = false;
}

at('edit')?.addEventListener('click', edit);
at('customer').addEventListener('click', ({ target }) => {
  const button = target.closest('[data-dial]');
  if (button) dial(button);
});
document.addEventListener('keydown', ({ key, target, ctrlKey, altKey, metaKey }) => {
  if (ctrlKey || altKey || metaKey || target.matches('input, textarea, select')) return;
  if (localStorage.getItem('centralita-single-keys') === 'off') return;
  if (key === 'e' && at('edit')) edit();
});
if (at('record')) whenSaved(save);
offerUndo();
