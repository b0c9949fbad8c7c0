// The site's own fields: defined, changed, taken away; what was taken away comes back by undo.

import { Problem, api } from './api.js';
import { newKey } from './desk_forms.js';
import { _ } from './i18n.js';
import { open, whenSaved } from './record_edit.js';
import { reason } from './reasons.js';

const STANDS = 8_000;
const KEPT = 'centralita-field';
const FIXED = ['entity', 'key', 'type'];
const at = (id) => document.getElementById(id);
let editing = null; // the id of the field in the form, null for a new one
let removed = null; // the field that can be brought back

async function known(id) {
  const { items } = await api('GET', '/fields');
  return items.find((one) => one.id === id);
}

function show(field) {
  editing = field?.id ?? null;
  for (const name of FIXED) at(`f-${name}`).disabled = editing !== null;
  open(field && { ...field });
  if (!field) at('f-position').value = '0';
}

async function remove(id) {
  const field = await known(id);
  await api('DELETE', `/fields/${id}`, undefined, { version: field.version });
  sessionStorage.setItem(KEPT, JSON.stringify(field));
  location.reload();
}

async function bringBack() {
  if (!removed || at('done').hidden) return;
  const { id: _id, version: _version, ...field } = removed;
  removed = null;
  await api('POST', '/fields', field, { key: newKey() });
  location.reload();
}

function offerUndo() {
  removed = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  sessionStorage.removeItem(KEPT);
  if (!removed) return;
  at('done-text').textContent = _('Taken away.');
  at('done').hidden = false;
  setTimeout(leave, STANDS);
}

function leave() {
  if (at('done').matches(':hover, :focus-within')) setTimeout(leave, STANDS / 8);
  else at('done').hidden = true;
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

at('edit').addEventListener('click', () => show(null));
at('undo').addEventListener('click', () => tried(bringBack));
at('fields').addEventListener('click', ({ target }) => {
  const id = target.closest('[data-id]')?.dataset.id;
  if (target.closest('[data-change]')) tried(async () => show(await known(id)));
  if (target.closest('[data-remove]')) tried(() => remove(id));
});
document.addEventListener('keydown', ({ key, target, ctrlKey, altKey, metaKey }) => {
  if (key !== 'u' || ctrlKey || altKey || metaKey || target.matches('input, textarea, select')) return;
  if (localStorage.getItem('centralita-single-keys') !== 'off') tried(bringBack);
});
whenSaved(async (record, version, key) => {
  if (version === null) await api('POST', '/fields', record, { key });
  else await api('PATCH', `/fields/${editing}`, record, { version });
  location.reload();
});
offerUndo();
