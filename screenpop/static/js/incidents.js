// Incidents as a list and as a board: kept as they are, walked through and moved by keys, opened by N and I.

import { Problem, api } from './api.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { tellDone } from './done.js';
import { _ } from './i18n.js';
import { live } from './live.js';
import { ownFields } from './own_fields.js';
import { reason } from './reasons.js';
import { renew } from './renewed.js';
import { lookAtClocks } from './sla.js';

const SOON = 500;
const LATER = 5_000;
const SECOND_KEY_WITHIN = 2_000;
const CHOSEN_AFTER = 400; // with the keyboard one passes other choices on the way
const form = document.getElementById('incident'); // null for who may only read
const opener = document.getElementById('incident-new');
let key = newKey();
let afterN = 0;
let timer = null;
let chosen = null;

live.addEventListener('event', ({ detail }) => detail.event.type.startsWith('incident.') && refreshSoon());
live.addEventListener('snapshot', refreshSoon);
live.start(['incidents']);

function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, SOON);
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(refresh, LATER);
}

/** Show what is there now, unless somebody is about to choose something in it. */
async function refresh() {
  let id = null;
  const isInUse = () => {
    id = document.activeElement?.closest('#found [data-id]')?.dataset.id;
    return document.activeElement?.matches('[data-move]');
  };
  if (isInUse() || !(await renew('found', isInUse))) return later();
  lookAtClocks();
  focusOn(id);
}

function focusOn(id) {
  if (id) document.querySelector(`#found [data-id="${CSS.escape(id)}"] a`)?.focus();
}

// --- a new one

function openForm() {
  form.hidden = false;
  opener.setAttribute('aria-expanded', 'true');
  form.elements.subject.focus();
}

function closeForm() {
  form.hidden = true;
  opener.setAttribute('aria-expanded', 'false');
  opener.focus();
}

async function send(event) {
  event.preventDefault();
  const { subject, kind, impact, urgency, category_id: category, team_id: team } = Object.fromEntries(new FormData(form));
  if (!subject.trim()) {
    faultAt(form, 'subject', _('Say in a few words what is wrong.'));
    form.elements.subject.focus();
    return;
  }
  const body = { subject, kind, impact: Number(impact), urgency: Number(urgency), category_id: category || null, team_id: team || null };
  const fields = ownFields(form);
  if (fields) body.fields = fields;
  const opened = await sent(form, () => api('POST', '/incidents', body, { key }));
  if (!opened) return;
  key = newKey();
  form.reset();
  closeForm();
  await renew('found');
  lookAtClocks();
  tellDone(_('{number} is open', opened));
}

// --- moving

async function move(card, state) {
  if (card.getAttribute('aria-busy') === 'true') return;
  card.setAttribute('aria-busy', 'true');
  const { id, version, number } = card.dataset;
  try {
    const moved = await api('PATCH', `/incidents/${id}`, { state }, { version });
    await renew('found');
    lookAtClocks();
    focusOn(id);
    tellDone(_('{number} is moved', { number }), async () => {
      await api('POST', `/incidents/${id}/undo`, undefined, { version: moved.version });
      await renew('found');
      lookAtClocks();
      focusOn(id);
    });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    await renew('found');
    lookAtClocks();
    tellDone(reason(problem));
  } finally {
    card.removeAttribute('aria-busy'); // it may stand there still
  }
}

/** Return the nearest column to the left or right into which `card` may go. */
function beside(card, step) {
  const allowed = [...card.querySelectorAll('[data-move] option')].map(({ value }) => value);
  const columns = [...document.querySelectorAll('.column')].map(({ dataset }) => dataset.state);
  const from = columns.indexOf(card.closest('.column').dataset.state);
  const ahead = step > 0 ? columns.slice(from + 1) : columns.slice(0, from).reverse();
  return ahead.find((state) => allowed.includes(state));
}

// --- keys

function walk(step) {
  const links = [...document.querySelectorAll('#found [data-id] a')];
  const at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}

const isField = (target) => target.matches?.('input:not([type="checkbox"]), textarea, select') ?? false;

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey) return false;
  const { key: name, target } = event;
  if (event.ctrlKey) return name === 'Enter' && form?.contains(target) && (form.requestSubmit(), true);
  if (name === 'Escape' && form && !form.hidden) return closeForm(), true;
  const card = target.closest?.('.tile-card');
  if (card && event.shiftKey && (name === 'ArrowRight' || name === 'ArrowLeft')) {
    const state = beside(card, name === 'ArrowRight' ? 1 : -1);
    if (state) move(card, state);
    return true;
  }
  if (isField(target) || localStorage.getItem('centralita-single-keys') === 'off') return false;
  if (name === 'j' || name === 'k') return walk(name === 'j' ? 1 : -1), true;
  const isSecond = performance.now() - afterN < SECOND_KEY_WITHIN;
  afterN = name === 'n' ? performance.now() : 0;
  return name === 'i' && isSecond && form && (openForm(), true);
}

document.addEventListener('keydown', (event) => pressed(event) && event.preventDefault());
document.addEventListener('change', ({ target }) => {
  if (target.matches('[data-move]') && target.value) move(target.closest('.tile-card'), target.value);
  if (!target.closest('#filters')) return;
  clearTimeout(chosen);
  chosen = setTimeout(() => target.form.requestSubmit(), CHOSEN_AFTER);
});
form?.addEventListener('submit', send);
form?.querySelector('[data-close]').addEventListener('click', closeForm);
opener?.addEventListener('click', () => (form.hidden ? openForm() : closeForm()));
