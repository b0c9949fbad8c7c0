// The form of a record: what was changed is sent, with all faults at once; who was slower sees both and decides.

import { Problem } from './api.js';
import { newKey } from './desk_forms.js';
import { clearFaults, showFaults } from './form_faults.js';
import { _ } from './i18n.js';
import { make } from './parts.js';
import { addRow, labelOf, read, write, writeOne } from './record_form.js';

const form = document.getElementById('record');
const panel = document.getElementById('edit-panel');
const both = form?.querySelector('[data-both]');
let known = null; // what the form showed when nobody had touched it
let version = null; // of the record that it shows, null for a new one

/** Open the form on `record`, null for a new one. */
export function open(record) {
  clearFaults(form);
  both.hidden = true;
  version = record?.version ?? null;
  write(form, record ?? {});
  known = read(form);
  form.dataset.key = newKey();
  panel.hidden = false;
  form.querySelector('[data-field]').focus();
}

/** Call `send(changes, version, key, known)` when the form is submitted; it returns when all is kept. */
export function whenSaved(send) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    save(send);
  });
}

/** Say whether the form is open. */
export const isOpen = () => Boolean(panel) && !panel.hidden;

async function save(send) {
  if (form.getAttribute('aria-busy') === 'true') return;
  form.setAttribute('aria-busy', 'true');
  clearFaults(form);
  try {
    const changes = changed();
    if (version !== null && Object.keys(changes).length === 0) close();
    else await send(version === null ? read(form) : changes, version, form.dataset.key, known);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    form.dataset.key = newKey();
    if (problem.code === 'version_conflict') showBoth(problem.newer);
    else showFaults(form, problem);
  } finally {
    form.removeAttribute('aria-busy');
  }
}

function changed() {
  const now = read(form);
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => !isSame(value, known[name])));
}

/** What nobody touched here becomes as it is now; what both changed stands in both writings. */
function showBoth(newer) {
  const [mine, seen] = [changed(), known];
  write(form, newer);
  known = read(form);
  version = newer.version;
  const lines = [];
  for (const [name, value] of Object.entries(mine)) {
    if (!isSame(seen[name], known[name]) && !isSame(value, known[name])) lines.push(choice(name));
    writeOne(form, name, value);
  }
  both.replaceChildren(make('div', { class: 'stack tight' }, make('strong', {}, _('Somebody else changed this meanwhile. Save again to keep what you wrote.')), ...lines));
  both.hidden = false;
  both.focus();
}

function choice(name) {
  const there = known[name];
  const take = make('button', { class: 'btn s', type: 'button' }, _('Take it'));
  const line = make('div', { class: 'row wrap' }, make('span', {}, `${labelOf(form, name)} · ${_('Now on record:')} `, make('bdi', { class: 'strong' }, said(there))), take);
  take.addEventListener('click', () => {
    writeOne(form, name, there);
    line.remove();
    if (!both.querySelector('.btn')) both.hidden = true;
  });
  return line;
}

function said(value) {
  if (Array.isArray(value)) return value.map(said).join(' | ') || '—';
  if (value && typeof value === 'object') {
    return Object.entries(value).filter(([name, one]) => name !== 'id' && typeof one !== 'boolean' && one).map(([, one]) => said(one)).join(' ');
  }
  return value === null || value === '' ? '—' : String(value);
}

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function close() {
  panel.hidden = true;
  document.getElementById('edit').focus();
}

form?.addEventListener('click', ({ target }) => {
  if (target.closest('[data-close]')) close();
  else if (target.closest('[data-more]')) addRow(target.closest('[data-rows]')).querySelector('input:not([type="hidden"]), select').focus();
  else if (target.closest('[data-drop]')) drop(target.closest('[data-row]'));
});
form?.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.ctrlKey) form.requestSubmit();
  if (event.key === 'Escape') document.activeElement.blur();
});

function drop(row) {
  const list = row.closest('[data-rows]');
  row.remove();
  list.querySelector(':scope > [data-more]').focus();
}
