// One article: changed in place, published, retired, and all of that taken back.

import { Problem, api } from './api.js';
import { tellDone } from './done.js';
import { _ } from './i18n.js';
import { isOpen, open, whenSaved } from './record_edit.js';
import { reason } from './reasons.js';

const KEPT = 'centralita-article';
const at = (id) => document.getElementById(id);
const { id, version } = at('article').dataset;
const path = `/articles/${id}`;

/** Keep `changes`, and remember what was there: the page is drawn anew, and offers to take them back. */
async function keep(changes, known, from) {
  const after = await api('PATCH', path, changes, { version: from });
  const before = Object.fromEntries(Object.keys(changes).map((name) => [name, known[name]]));
  sessionStorage.setItem(KEPT, JSON.stringify({ id, version: after.version, before }));
  location.reload();
}

function offerUndo() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  sessionStorage.removeItem(KEPT);
  if (kept?.id !== id) return;
  tellDone(_('Saved.'), async () => {
    await api('PATCH', path, kept.before, { version: kept.version });
    location.reload();
  });
}

async function tried(deed) {
  at('fault').hidden = true;
  try {
    await deed();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    at('fault').textContent = reason(problem);
    at('fault').hidden = false;
  }
}

async function edit() {
  if (!isOpen()) open(await api('GET', path));
}

const move = (stand) => tried(async () => keep({ stand }, await api('GET', path), version));

at('edit')?.addEventListener('click', () => tried(edit));
at('article').addEventListener('click', ({ target }) => {
  const button = target.closest('[data-stand]');
  if (button) move(button.dataset.stand);
});
document.addEventListener('keydown', (event) => {
  const { key, target, ctrlKey, altKey, metaKey } = event;
  if (key !== 'e' || ctrlKey || altKey || metaKey || target.matches('input, textarea, select')) return;
  if (localStorage.getItem('centralita-single-keys') === 'off' || !at('edit')) return;
  event.preventDefault();
  tried(edit);
});
for (const button of document.querySelectorAll('#edit, [data-stand]')) button.disabled = false; // somebody listens
if (at('record')) whenSaved((changes, from, _key, known) => keep(changes, known, from));
offerUndo();
