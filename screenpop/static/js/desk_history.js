// The middle of the desk: the customer's open incidents, this call as it grows, what was before.

import { Problem, api } from './api.js';
import { clockText, dress, now } from './clock.js';
import { part } from './desk_part.js';
import { _, language } from './i18n.js';
import { bar, icon, make } from './parts.js';

const SKELETON_AFTER = 300;
const DAY = 24 * 3600 * 1000;
const at = (id) => document.getElementById(id);
let there = { call: null, contact: null };
let asking = false;
let isStale = false;

/** Show what is known of the customer of `shown`: at once what his card says, then all of it. */
export function showHistory(shown) {
  const contact = shown.card?.contact?.id ?? null;
  drawThisCall(shown);
  if (shown.call.id === there.call && contact === there.contact) return;
  there = { call: shown.call.id, contact };
  fromCard();
  if (contact) reloadHistory();
}

/** Ask again what is open and what happened. */
export async function reloadHistory() {
  const { call, contact } = there;
  if (!contact) return;
  const skeleton = setTimeout(wait, SKELETON_AFTER);
  try {
    const told = await part(`/desk/history/${contact}`);
    if (contact !== there.contact || call !== there.call) return;
    told.querySelector(`[data-call="${call}"]`)?.remove();
    putIncidents(told.querySelectorAll('[data-open] > li'));
    const days = told.querySelector('[data-days]');
    at('history').replaceChildren(days);
    dress(at('history'));
    setDays(days);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tellAway();
  } finally {
    clearTimeout(skeleton);
    at('history').removeAttribute('aria-busy');
  }
}

/** Show where it will be. */
function wait() {
  at('history').replaceChildren(at('bone').content.cloneNode(true));
  at('history').setAttribute('aria-busy', 'true');
}

/** Put an incident that was opened just now on top. */
export function addIncident({ id, number, subject }) {
  if (at('incidents').querySelector(`[data-incident="${id}"]`)) return;
  const words = make('div', { class: 'grow' }, make('div', { class: 'two strong', dir: 'auto' }, subject), make('div', { class: 'small muted num' }, `${number} · ${_('just opened')}`));
  at('incidents').prepend(make('li', { 'data-incident': id }, make('span', { class: 'i-ready' }, icon('check')), words));
  count();
}

/** Learn how the call on the page went on, and draw it; asked meanwhile, it is asked once more. */
export async function refreshThisCall() {
  if (asking) {
    isStale = true;
    return;
  }
  asking = true;
  do {
    isStale = false;
    await askThisCall(there.call);
  } while (isStale);
  asking = false;
}

async function askThisCall(id) {
  try {
    const call = await api('GET', `/calls/${id}`);
    if (id === there.call) drawSegments(call);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem; // drawn anew with the next event
  }
}

function fromCard() {
  const card = at('card-parts');
  putIncidents([...card.querySelectorAll('[data-incident]')].map((one) => one.cloneNode(true)));
  const calls = card.querySelector('table.past');
  at('history').replaceChildren(calls ? calls.cloneNode(true) : make('p', { class: 'muted t13' }, _('Nothing before this call.')));
}

function putIncidents(rows) {
  at('incidents').replaceChildren(...rows);
  dress(at('incidents'));
  count();
}

function count() {
  const n = at('incidents').children.length;
  at('incidents-count').textContent = n ? String(n) : '';
  at('incidents-none').hidden = n > 0;
}

function drawThisCall(shown) {
  const key = `${shown.call.id} ${shown.call.version} ${shown.phase}`;
  if (at('this-call').dataset.key === key) return;
  at('this-call').dataset.key = key;
  drawSegments(shown.call);
}

function drawSegments(call) {
  const end = call.ended_at;
  const total = end
    ? make('span', { class: 'muted small end num' }, clockText((Date.parse(end) - Date.parse(call.started_at)) / 1000))
    : make('span', { class: 'muted small end num', 'data-since': call.started_at, 'aria-live': 'off' });
  const mine = call.segments.filter((one) => one.party === 'customer');
  const what = make('div', { class: 'what' }, make('div', { class: 'row' }, make('span', { class: 'strong' }, _('This call')), total), bar(mine, now()));
  const node = make('span', { class: `node ${end ? '' : 'i-talk'}` }, icon('message-circle'));
  at('this-call').replaceChildren(make('li', {}, end ? make('time', { datetime: call.started_at, 'data-moment': '' }) : make('time', {}, _('now')), node, what));
  dress(at('this-call'));
}

/** Set a line where a day of the reader begins; within it only the hour is said. */
function setDays(list) {
  let last = dayName(now());
  for (const item of [...list.querySelectorAll('li:has(> time)')]) {
    const time = item.querySelector('time');
    const instant = Date.parse(time.dateTime);
    time.textContent = new Date(instant).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    const day = dayName(instant);
    if (day !== last) item.before(make('li', { class: 'day' }, make('span', {}, day)));
    last = day;
  }
}

function dayName(instant) {
  const midnight = (ms) => new Date(ms).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(now()) - midnight(instant)) / DAY);
  if (days < 2) return capital(new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-days, 'day'));
  const isOld = new Date(instant).getFullYear() !== new Date(now()).getFullYear();
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', ...(isOld && { year: 'numeric' }) }).format(instant);
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function tellAway() {
  const again = make('button', { class: 'btn s', type: 'button' }, _('Try again'));
  again.addEventListener('click', reloadHistory);
  at('history').replaceChildren(make('p', { class: 'row t13' }, icon('octagon-alert', 'i-danger'), make('span', { class: 'grow' }, _('The history could not be read.')), again));
}
