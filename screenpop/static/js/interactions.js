// What was said with a customer, written down on his page: added, changed, removed, and taken back.

import { Problem, api } from './api.js';
import { fieldText } from './clock.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { tellDone } from './done.js';
import { _ } from './i18n.js';
import { live } from './live.js';
import { reason } from './reasons.js';
import { renew } from './renewed.js';

const SOON = 500;
const at = (id) => document.getElementById(id);
const form = at('write'); // null for who may only read
const opener = at('write-open');
const { owner, id: ownerId } = at('happened').dataset;
let key = newKey();
let sentLast = null; // what went with the key
let editing = null; // what is in the form, null for a new one
let opened = null; // what stood in the form when it was opened
let isLate = false; // something came that is not shown yet
let timer = null;

// --- what others do meanwhile

live.addEventListener('event', ({ detail }) => isOurs(detail.event) && refreshSoon());
live.addEventListener('snapshot', refreshSoon);
if ('live' in at('happened').dataset) live.start(['incidents']);

/** Return whether an event tells of this customer: what was written down, or an incident opened. */
function isOurs(event) {
  return (event.type.startsWith('interaction.') || event.type === 'incident.opened') && event[owner] === ownerId;
}

function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, SOON);
}

const isRead = () => at('happened').querySelector('details[open]') !== null;

async function refresh() {
  const isDone = await renew('happened', isRead);
  isLate = !isDone && isRead();
}

// What came while a long text was open is shown when it is shut; a toggle does not bubble.
document.addEventListener('toggle', () => isLate && !isRead() && refreshSoon(), true);

// --- the form

function openForm(one = null) {
  if (isHalfWritten()) return form.elements.body.focus();
  editing = one;
  key = newKey();
  form.reset();
  const { channel, at: when, body } = form.elements;
  if (one) {
    channel.value = `${one.channel}:${one.direction ?? ''}`;
    when.value = fieldText(Date.parse(one.at));
    body.value = one.body;
  }
  at('write-remove').hidden = one === null;
  form.hidden = false;
  opener.setAttribute('aria-expanded', 'true');
  opened = shown();
  (one ? body : channel).focus();
}

/** Return what stands in the form. */
function shown() {
  const { channel, at: when, body } = form.elements;
  return JSON.stringify([channel.value, when.value, body.value]);
}

const isHalfWritten = () => !form.hidden && shown() !== opened;

function closeForm() {
  form.hidden = true;
  opener.setAttribute('aria-expanded', 'false');
  opener.focus();
}

function typed() {
  const { channel, at: when, body } = form.elements;
  const [way, direction] = channel.value.split(':');
  const told = { channel: way, direction: direction || null, body: body.value };
  const isSame = editing && when.value === fieldText(Date.parse(editing.at)); // its seconds stay
  return when.value && !isSame ? { ...told, at: new Date(when.value).toISOString() } : told;
}

async function save(event) {
  event.preventDefault();
  if (!form.elements.body.value.trim()) {
    faultAt(form, 'body', _('Say what was said.'));
    form.elements.body.focus();
    return;
  }
  if (await sent(form, () => (editing ? change(typed()) : add(typed())))) {
    closeForm();
    await renew('happened');
  }
}

async function add(body) {
  const text = JSON.stringify(body);
  if (text !== sentLast) key = newKey(); // the same again happens once, another is another
  sentLast = text;
  const added = await api('POST', '/interactions', { ...body, [owner]: ownerId }, { key });
  tellDone(_('Written down'), async () => {
    await forget(added);
    await renew('happened');
  });
  return added;
}

async function change(body) {
  const before = editing;
  try {
    const after = await api('PATCH', `/interactions/${before.id}`, body, { version: before.version });
    const back = Object.fromEntries(Object.keys(body).map((name) => [name, before[name]]));
    tellDone(_('Saved.'), async () => {
      await api('PATCH', `/interactions/${after.id}`, back, { version: after.version });
      await renew('happened');
    });
    return after;
  } catch (problem) {
    if (problem.newer) editing = problem.newer; // what is typed stays: saved again, it is kept
    throw problem;
  }
}

const forget = ({ id, version }) => api('DELETE', `/interactions/${id}`, undefined, { version });

async function remove() {
  const gone = editing;
  if (!(await sent(form, async () => (await forget(gone), true)))) return;
  closeForm();
  tellDone(_('Removed.'), async () => {
    await api('POST', `/interactions/${gone.id}/undo`);
    await renew('happened');
  });
  await renew('happened'); // behind the bar: the live news may have taken the row away already
}

async function openRow(row) {
  if (isHalfWritten()) return form.elements.body.focus();
  try {
    openForm(await api('GET', `/interactions/${row.dataset.written}`));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tellDone(reason(problem));
  }
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey || !form) return false;
  const { key: name, target } = event;
  if (event.ctrlKey) return name === 'Enter' && form.contains(target) && (form.requestSubmit(), true);
  if (name === 'Escape' && form.contains(target)) return closeForm(), true;
  if (target.matches?.('input, textarea, select') || localStorage.getItem('centralita-single-keys') === 'off') return false;
  if (name !== 'w') return false;
  return form.hidden ? openForm() : form.elements.body.focus(), true;
}

document.addEventListener('keydown', (event) => pressed(event) && event.preventDefault());
document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-change-written]');
  if (button) openRow(button.closest('[data-written]'));
});
form?.addEventListener('submit', save);
form?.querySelector('[data-close]').addEventListener('click', closeForm);
at('write-remove')?.addEventListener('click', remove);
opener?.addEventListener('click', () => (form.hidden ? openForm() : closeForm()));
