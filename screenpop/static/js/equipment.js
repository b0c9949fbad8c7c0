// What customers have, contracts and products: added and changed in a form each, removed; the last deed is taken back.

import { Problem, api } from './api.js';
import { newKey } from './desk_forms.js';
import { tellDone } from './done.js';
import { clearFaults, showFaults, wordsOf } from './form_faults.js';
import { _ } from './i18n.js';
import { read, write } from './record_form.js';
import { reason } from './reasons.js';

const KEPT = 'centralita-equipment';
const MASK = '•';
const at = (id) => document.getElementById(id);
const shown = new Map(); // by form: what it holds (null for a new one), how it was read, its key

function open(form, record) {
  clearFaults(form);
  write(form, record ?? { is_active: true });
  shown.set(form, { record, known: said(form, record), key: newKey() });
  at(`${form.id}-panel`).hidden = false;
  form.querySelector('[data-field]').focus();
}

/** Return what the form says; pieces of a contract for which it has no box stay named. */
function said(form, record) {
  const told = read(form);
  if (!record?.asset_ids) return told;
  const offered = [...form.querySelectorAll('[data-field=asset_ids]')].map((box) => box.value);
  const others = record.asset_ids.filter((id) => !offered.includes(id));
  return { ...told, asset_ids: [...(told.asset_ids ?? []), ...others] };
}

async function save(form) {
  const { record, known, key } = shown.get(form);
  const now = said(form, record);
  const { path, owner, id } = form.dataset;
  if (!record) {
    const added = await api('POST', path, owner ? { ...now, [owner]: id } : now, { key });
    return keepAndReload(owner && { way: 'DELETE', path: `${path}/${added.id}`, version: added.version });
  }
  const names = Object.keys(now).filter((name) => JSON.stringify(now[name]) !== JSON.stringify(known[name]));
  if (names.length === 0) return close(form);
  const after = await api('PATCH', `${path}/${record.id}`, pick(now, names), { version: record.version });
  return keepAndReload({ way: 'PATCH', path: `${path}/${record.id}`, version: after.version, body: pick(record, names) });
}

const pick = (record, names) => Object.fromEntries(names.map((name) => [name, record[name]]));

/** Draw the page (or another one) anew; it offers to take back what was done. */
function keepAndReload(undo, text = _('Saved.'), next = null) {
  sessionStorage.setItem(KEPT, JSON.stringify({ undo, text }));
  if (next) location.assign(next);
  else location.reload();
}

function offerUndo() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  sessionStorage.removeItem(KEPT);
  if (!kept) return;
  const { undo, text } = kept;
  tellDone(text, undo && (async () => {
    await api(undo.way, undo.path, undo.body, undo.version ? { version: undo.version } : { key: newKey() });
    location.reload();
  }));
}

function close(form) {
  at(`${form.id}-panel`).hidden = true;
}

async function submitted(form) {
  if (form.getAttribute('aria-busy') === 'true') return;
  form.setAttribute('aria-busy', 'true');
  clearFaults(form);
  try {
    await save(form);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.newer) shown.get(form).record = problem.newer; // what is typed stays: saved again, it is kept
    showFaults(form, problem);
  } finally {
    form.removeAttribute('aria-busy');
  }
}

async function change(button) {
  const form = at(button.dataset.change);
  try {
    const found = await api('GET', `${form.dataset.path}/${button.dataset.key}`);
    open(form, found.asset ?? found);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tellDone(reason(problem));
  }
}

async function remove(button) {
  const { path, version, after } = button.dataset;
  at('remove-err').hidden = true;
  try {
    const was = (await api('GET', path)).asset;
    delete was.id;
    delete was.version;
    await api('DELETE', path, undefined, { version });
    const isWhole = !JSON.stringify(was).includes(MASK); // what was not shown cannot be noted again
    keepAndReload(isWhole ? { way: 'POST', path: '/assets', body: was } : null, _('Removed.'), after);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    at('remove-err').textContent = problem.errors[0] ? wordsOf(problem.errors[0]) : reason(problem);
    at('remove-err').hidden = false;
  }
}

document.addEventListener('click', ({ target }) => {
  const [fresh, known] = [target.closest('[data-new]'), target.closest('[data-change]')];
  if (fresh) open(at(fresh.dataset.new), null);
  if (known) change(known);
  if (target.closest('#remove')) remove(target.closest('#remove'));
  if (target.closest('[data-close]')) close(target.closest('form'));
});
document.addEventListener('submit', (event) => {
  if (!shown.has(event.target)) return;
  event.preventDefault();
  submitted(event.target);
});
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey && event.key === 'Enter' && event.target.form) event.target.form.requestSubmit();
});
offerUndo();
