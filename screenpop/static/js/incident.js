// One incident: its steps, notes and facts; what somebody else does meanwhile; taking back what was done.

import { Problem, api } from './api.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { tellDone } from './done.js';
import { _ } from './i18n.js';
import { live } from './live.js';
import { isAsked, keyOf, ownValue } from './own_fields.js';
import { reason } from './reasons.js';
import { renew } from './renewed.js';
import { lookAtClocks } from './sla.js';

const SOON = 500;
const at = (id) => document.getElementById(id);
const one = () => at('one').dataset;
const path = () => `/incidents/${one().id}`;
let key = newKey();
let timer = null;

live.addEventListener('event', ({ detail }) => detail.event.incident_id === one().id && refreshSoon());
live.addEventListener('snapshot', refreshSoon);
live.start(['incidents']);

function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, SOON);
}

/** Show it as it is now; while its facts are being changed only what was written and done. */
async function refresh() {
  if (isBeingChanged() || !(await renew('one', isBeingChanged))) await renew('activity');
  lookAtClocks();
}

function isBeingChanged() {
  return changes().size > 0 || at('text')?.value || at('articles-q')?.value || (at('resolve') && !at('resolve').hidden);
}

/** Return what stands in the facts otherwise than it came. */
function changes() {
  const found = new Map();
  for (const field of at('facts').elements) {
    if (field.name && isAsked(field) && value(field) !== was(field)) found.set(field.name, value(field));
  }
  return found;
}

function value(field) {
  if ('own' in field.dataset) return ownValue(field);
  if ('number' in field.dataset) return Number(field.value);
  return field.value || null;
}

function was(field) {
  const text = field.options ? [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0].value : field.defaultValue;
  if ('own' in field.dataset) return ownValue({ value: text, dataset: field.dataset });
  return 'number' in field.dataset ? Number(text) : text || null;
}

/** Say what was done, by `form` or by a button, and offer to take it back. */
async function done(text, after, form = null) {
  await showAnew(form);
  tellDone(text, async () => {
    await api('POST', `${path()}/undo`, undefined, { version: after.version });
    await showAnew();
  });
}

/** Show it as it is now; what is typed and not sent yet stays, but for what stood in `sentForm`. */
async function showAnew(sentForm = null) {
  const forms = [...document.querySelectorAll('#one form')].filter((form) => form !== sentForm);
  const typed = forms.flatMap((form) => [...form.elements]).filter(isTyped);
  await renew('one');
  for (const { id, type, value: text, checked } of typed) {
    if (!at(id)) continue;
    if (type === 'checkbox') at(id).checked = checked;
    else at(id).value = text;
  }
  lookAtClocks();
}

function isTyped(field) {
  if (!field.name || !field.id) return false;
  return field.type === 'checkbox' ? field.checked !== field.defaultChecked : value(field) !== was(field);
}

const change = (body) => api('PATCH', path(), body, { version: one().version });

async function step(button) {
  const { state, waits } = button.dataset;
  button.setAttribute('aria-busy', 'true');
  try {
    await done(_('{number} is changed', one()), await change({ state, ...(waits && { waiting_for: waits }) }));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tellFault(problem);
    button.removeAttribute('aria-busy');
  }
}

function tellFault(problem) {
  at('one-err').textContent = reason(problem);
  at('one-err').hidden = false;
}

async function resolve(form) {
  const { resolution_id: resolution, cause } = Object.fromEntries(new FormData(form));
  const body = { state: 'resolved', resolution_id: resolution || null, cause: cause || null };
  const after = await sent(form, () => change(body));
  if (after) await done(_('{number} is resolved', one()), after, form);
}

async function save(form) {
  const found = [...changes()];
  if (found.length === 0) return;
  const own = found.filter(([name]) => name.startsWith('fields.'));
  const body = Object.fromEntries(found.filter(([name]) => !name.startsWith('fields.')));
  if (own.length) body.fields = Object.fromEntries(own.map(([name, text]) => [keyOf({ name }), text]));
  const after = await sent(form, () => change(body).catch(told));
  if (after) await done(_('{number} is changed', one()), after, form);
}

/** A newer one is there: what is typed stays, each field says what it is meanwhile, saving again keeps it. */
function told(problem) {
  if (problem.newer) {
    const mine = changes();
    one().version = problem.newer.version;
    for (const field of at('facts').elements) {
      const newer = newerOf(problem.newer, field);
      if (!field.name || newer === undefined || newer === was(field)) continue;
      if (!mine.has(field.name)) field.value = String(newer ?? '');
      else if (at(`${field.id}-err`)) faultAt(at('facts'), field.name, _('Meanwhile: {text}', { text: shown(field, newer) }));
    }
  }
  throw problem;
}

function newerOf(incident, field) {
  return 'own' in field.dataset ? (incident.fields[keyOf(field)] ?? null) : incident[field.name];
}

function shown(field, code) {
  return [...(field.options ?? [])].find((option) => option.value === String(code ?? ''))?.text ?? code ?? '—';
}

async function write(form) {
  const { text } = form.elements;
  if (!text.value.trim()) {
    faultAt(form, 'text', _('There is no text yet.'));
    text.focus();
    return;
  }
  const body = { text: text.value, is_public: form.elements.is_public.checked };
  if (!(await sent(form, () => api('POST', `${path()}/entries`, body, { key })))) return;
  key = newKey();
  form.reset();
  await refresh();
}

async function merge(form) {
  const into = form.elements.into.value.trim();
  if (!into) {
    faultAt(form, 'into', _('Which one? INC- and its number.'));
    return;
  }
  const after = await sent(form, () => api('POST', `${path()}/merge`, { into }, { version: one().version }));
  if (after) await done(_('{number} is a part of {into}', { number: one().number, into: into.toUpperCase() }), after, form);
}

async function takeApart() {
  try {
    await api('POST', `${path()}/undo`, undefined, { version: one().version });
    await showAnew();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tellFault(problem);
  }
}

const SENT = { resolve, facts: save, note: write, merge };

document.addEventListener('submit', (event) => {
  const send = SENT[event.target.id];
  if (!send) return;
  event.preventDefault();
  send(event.target);
});
document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-state]');
  if (button && button.getAttribute('aria-busy') !== 'true') step(button);
  if (target.closest('#part-undo')) takeApart();
  if (target.closest('#resolve-open')) openResolve();
});
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey && event.key === 'Enter' && event.target.form) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

function openResolve() {
  const form = at('resolve');
  form.hidden = !form.hidden;
  at('resolve-open').setAttribute('aria-expanded', String(!form.hidden));
  if (!form.hidden) form.elements.resolution_id.focus();
}
