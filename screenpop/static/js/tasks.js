// Tasks, on their page and beside a customer or an incident: added, changed, done, and taken back.

import { Problem, api } from './api.js';
import { fieldText, now } from './clock.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { tellDone } from './done.js';
import { _ } from './i18n.js';
import { live } from './live.js';
import { reason } from './reasons.js';
import { renew } from './renewed.js';

const SOON = 500;
const DAY = 24 * 3600_000;
const SECOND_KEY_WITHIN = 2_000;
const at = (id) => document.getElementById(id);
const form = at('task'); // null for who may only read
const opener = at('task-new');
let key = newKey();
let editing = null; // the task in the form, null for a new one
let afterN = 0;
let timer = null;

live.addEventListener('event', ({ detail }) => detail.event.type === 'task.changed' && refreshSoon());
live.addEventListener('snapshot', refreshSoon);
if ('live' in at('tasks').dataset) live.start(['incidents']);

function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, SOON);
}

/** Show what there is now; the row that had the focus has it again. */
async function refresh() {
  const id = document.activeElement?.closest('#tasks [data-task]')?.dataset.task;
  await renew('tasks');
  if (id) document.querySelector(`[data-task="${CSS.escape(id)}"] button`)?.focus();
}

// --- the form

function openForm(task = null) {
  editing = task;
  form.reset();
  const { title, due_at: due, assignee, note } = form.elements;
  due.value = fieldText(task ? Date.parse(task.due_at) : now() + DAY);
  title.value = task?.title ?? '';
  note.value = task?.note ?? '';
  assignee.value = task ? task.assignee ?? '' : assignee.dataset.mine;
  if (assignee.selectedIndex < 0) assignee.value = '';
  form.hidden = false;
  opener.setAttribute('aria-expanded', 'true');
  title.focus();
}

function closeForm() {
  form.hidden = true;
  opener.setAttribute('aria-expanded', 'false');
  opener.focus();
}

async function save(event) {
  event.preventDefault();
  const { title, due_at: due, assignee, note } = form.elements;
  if (!title.value.trim()) {
    faultAt(form, 'title', _('Say in a few words what is to be done.'));
    title.focus();
    return;
  }
  if (!due.value) {
    faultAt(form, 'due_at', _('Until when?'));
    due.focus();
    return;
  }
  const body = { title: title.value, due_at: new Date(due.value).toISOString(), assignee: assignee.value || null, note: note.value.trim() || null };
  if (await sent(form, () => (editing ? change(body) : add(body)))) {
    key = newKey();
    closeForm();
    await refresh();
  }
}

async function add(body) {
  const { owner, id } = form.dataset;
  const added = await api('POST', '/tasks', owner ? { ...body, [owner]: id } : body, { key });
  tellDone(_('The task is noted'));
  return added;
}

async function change(body) {
  const before = editing;
  try {
    const after = await api('PATCH', `/tasks/${before.id}`, body, { version: before.version });
    tellDone(_('The task is changed'), () => takeBack(after, Object.fromEntries(Object.keys(body).map((name) => [name, before[name]]))));
    return after;
  } catch (problem) {
    if (problem.newer) editing = problem.newer; // what is typed stays: saved again, it is kept
    throw problem;
  }
}

async function takeBack({ id, version }, body) {
  await api('PATCH', `/tasks/${id}`, body, { version });
  await refresh();
}

// --- rows

async function finish(row, isDone) {
  const { task: id, version } = row.dataset;
  const after = await api('PATCH', `/tasks/${id}`, { is_done: isDone }, { version });
  const next = row.nextElementSibling ?? row.previousElementSibling;
  await renew('tasks');
  (next && document.querySelector(`[data-task="${next.dataset.task}"] button`))?.focus();
  tellDone(isDone ? _('Done') : _('Open again'), () => takeBack(after, { is_done: !isDone }));
}

async function tried(deed) {
  try {
    await deed();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    await renew('tasks');
    tellDone(reason(problem));
  }
}

function walk(step) {
  const places = [...document.querySelectorAll('#tasks [data-task]')].map((row) => row.querySelector('button, a')).filter(Boolean);
  const here = document.activeElement?.closest('[data-task]');
  const from = places.findIndex((place) => here?.contains(place));
  places[Math.min(Math.max(from + step, 0), places.length - 1)]?.focus();
}

const isField = (target) => target.matches?.('input:not([type="checkbox"]), textarea, select') ?? false;

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey) return false;
  const { key: name, target } = event;
  if (event.ctrlKey) return name === 'Enter' && form?.contains(target) && (form.requestSubmit(), true);
  if (name === 'Escape' && form?.contains(target)) return closeForm(), true;
  if (isField(target) || localStorage.getItem('centralita-single-keys') === 'off') return false;
  if ('live' in at('tasks').dataset && (name === 'j' || name === 'k')) return walk(name === 'j' ? 1 : -1), true;
  const isSecond = performance.now() - afterN < SECOND_KEY_WITHIN;
  afterN = name === 'n' ? performance.now() : 0;
  return name === 't' && isSecond && form && (openForm(), true);
}

document.addEventListener('keydown', (event) => pressed(event) && event.preventDefault());
document.addEventListener('click', ({ target }) => {
  const row = target.closest('#tasks [data-task]');
  const button = target.closest('[data-done]');
  if (row && button) tried(() => finish(row, button.dataset.done === 'true'));
  if (row && target.closest('[data-change]')) tried(async () => openForm(await api('GET', `/tasks/${row.dataset.task}`)));
});
form?.addEventListener('submit', save);
form?.querySelector('[data-close]').addEventListener('click', closeForm);
opener?.addEventListener('click', () => (form.hidden ? openForm() : closeForm()));
