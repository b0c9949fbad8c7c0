// Saved views at the head of a list: kept, changed, shared, taken away; all of that taken back.

import { Problem, api } from './api.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { tellDone } from './done.js';
import { _ } from './i18n.js';
import { reason } from './reasons.js';
import { renew } from './renewed.js';

const at = (id) => document.getElementById(id);
const bar = () => at('saved').dataset;
const path = (id) => `/saved-views/${id}`;
const MASK = '•';
let key = newKey();
let isNew = true;

/** Return what is asked for, as the address has it: the page may hold a mask in the place of a value. */
function asked() {
  const address = new URLSearchParams(location.search);
  return Object.fromEntries(Object.keys(JSON.parse(bar().query)).map((name) => [name, address.get(name).trim()]));
}

/** Show the bar as it is now that the view `id` (null: none) is open and `query` is asked for. */
async function showAnew(id, query) {
  const address = new URL(bar().path, location.origin);
  for (const [name, text] of Object.entries(query)) address.searchParams.set(name, text);
  if (id || Object.keys(query).length === 0) address.searchParams.set('saved', id ?? 'none');
  history.replaceState(history.state, '', address);
  await renew('saved');
  listen();
}

/** Let the buttons be pressed: somebody listens. */
function listen() {
  for (const button of document.querySelectorAll('#saved > .row > button')) button.disabled = false;
}

// --- the form

function open(button) {
  const form = at('view-form');
  const wasNew = isNew;
  isNew = button.dataset.view === 'new';
  if (!form.hidden && wasNew === isNew) return close();
  const { name, start, audience } = form.elements;
  const isMine = isNew || 'mayChange' in bar();
  name.value = isNew ? '' : bar().name;
  name.disabled = !isMine;
  start.checked = !isNew && 'start' in bar();
  if (audience) Object.assign(audience, { value: isNew ? 'me' : bar().audience, disabled: !isMine });
  form.querySelector('[data-view="remove"]').hidden = isNew || !isMine;
  form.hidden = false;
  for (const id of ['view-new', 'view-edit']) at(id)?.setAttribute('aria-expanded', String(at(id) === button));
  (isMine ? name : start).focus();
}

function close() {
  at('view-form').hidden = true;
  for (const id of ['view-new', 'view-edit']) at(id)?.setAttribute('aria-expanded', 'false');
  (at(isNew ? 'view-new' : 'view-edit') ?? at('view-new')).focus();
}

function written(form) {
  const { name, audience } = form.elements;
  const whom = audience?.value ?? 'me';
  const isTeam = whom !== 'me' && whom !== 'everybody';
  return { name: name.value.trim(), audience: isTeam ? 'team' : whom, team_id: isTeam ? whom : null };
}

const begin = (id) => api('PUT', `/start-views/${bar().page}`, { view_id: id });

async function save(form) {
  const view = written(form);
  if (!view.name) {
    faultAt(form, 'name', _('Something must stand here.'));
    form.elements.name.focus();
    return;
  }
  const starts = form.elements.start.checked;
  if (isNew) await add(form, view, starts);
  else await change(form, view, starts);
}

async function add(form, view, starts) {
  const query = asked();
  const made = await sent(form, async () => {
    const kept = await api('POST', '/saved-views', { page: bar().page, query, ...view }, { key });
    if (starts) await begin(kept.id);
    return kept;
  });
  if (!made) return;
  key = newKey();
  await showAnew(made.id, query);
  at('view-new').focus();
  tellDone(_('The view “{name}” is kept', { name: made.name }), async () => {
    await api('DELETE', path(made.id), undefined, { version: made.version });
    await showAnew(null, query);
  });
}

async function change(form, view, starts) {
  const { open: id, version, name, audience, start } = bar();
  const query = asked();
  const before = { name, audience, team_id: null };
  if (audience !== 'me' && audience !== 'everybody') Object.assign(before, { audience: 'team', team_id: audience });
  const mayChange = 'mayChange' in bar();
  const wasStart = start !== undefined;
  const after = await sent(form, async () => {
    const kept = mayChange ? await api('PATCH', path(id), form.elements.audience ? view : { name: view.name }, { version }) : { version };
    if (starts !== wasStart) await begin(starts ? id : null);
    return kept;
  });
  if (!after) return;
  await showAnew(id, query);
  at('view-edit').focus();
  tellDone(_('The view “{name}” is changed', { name: after.name ?? name }), async () => {
    if (mayChange) await api('PATCH', path(id), before, { version: after.version });
    if (starts !== wasStart) await begin(wasStart ? id : null);
    await showAnew(id, query);
  });
}

// --- without the form

/** Let the open view ask for what is asked for now. */
async function update() {
  const { open: id, version, name, kept } = bar();
  const query = asked();
  const before = JSON.parse(kept);
  const isMasked = Object.values(before).some((text) => text.includes(MASK));
  const after = await api('PATCH', path(id), { query }, { version });
  await showAnew(id, query);
  at('view-edit').focus();
  tellDone(_('The view “{name}” is changed', { name }), isMasked ? null : async () => {
    await api('PATCH', path(id), { query: before }, { version: after.version });
    await showAnew(id, query);
  });
}

async function remove() {
  const { open: id, version, name } = bar();
  const query = asked();
  await api('DELETE', path(id), undefined, { version });
  await showAnew(null, query);
  at('view-new').focus();
  tellDone(_('The view “{name}” is taken away', { name }), async () => {
    await api('POST', `${path(id)}/restore`);
    await showAnew(id, query);
  });
}

async function tried(deed) {
  try {
    await deed();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tellDone(reason(problem));
  }
}

document.addEventListener('click', ({ target }) => {
  const button = target.closest('#saved [data-view]');
  if (!button) return;
  const what = button.dataset.view;
  if (what === 'new' || what === 'edit') open(button);
  else if (what === 'close') close();
  else tried(what === 'update' ? update : remove);
});
document.addEventListener('submit', (event) => {
  if (event.target.id !== 'view-form') return;
  event.preventDefault();
  save(event.target);
});
document.addEventListener('keydown', (event) => {
  if (event.isComposing || !event.target.closest?.('#view-form')) return;
  if (event.key === 'Escape') close();
  else if (event.key === 'Enter' && event.ctrlKey) event.target.form.requestSubmit();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
listen();
