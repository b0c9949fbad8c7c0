// My presence: ready, paused, in which queues. Asked of the server, which answers when the exchange confirmed it.

import { Problem, api } from './api.js';
import { lineFault, lineNote, showWish } from './desk_line.js';
import { _ } from './i18n.js';
import { live } from './live.js';
import { make } from './parts.js';
import { pauseName } from './pauses.js';
import { reason } from './reasons.js';

const at = (id) => document.getElementById(id);
const menu = at('presence'); // null where nothing can be asked for
let phone = null;
let last = Promise.resolve(); // commands go one after the other, each when the one before is confirmed or not
const wishes = new Map(); // queue: whether I wish to be in it, while that waits for its turn
let answered = 0; // commands
let openings = 0; // an answer closes the menu that it was asked from, not one opened since

/** Open the menu at the pauses; false where there is none. */
export function choosePause() {
  if (!menu) return false;
  menu.showPopover();
  menu.querySelector('[data-pause]').focus();
  return true;
}

/** Ask to be rung again; false where that cannot be asked. */
export function beReady() {
  if (!menu) return false;
  change(at('be-ready'), { state: 'ready' });
  return true;
}

/** Look at how I am now at `place`, my phone (null: none). */
export function atPhone(place) {
  phone = place;
  if (menu && phone) look();
}

/** Say what somebody else did at my phone. */
function heardIntervention(event) {
  if (event.interface !== phone) return;
  lineNote(told(event));
  if (menu && event.act !== 'logged_out') look();
}

function told({ act, by, reason: code }) {
  switch (act) {
    case 'paused':
      return _('{name} paused you: {reason}', { name: by, reason: pauseName(code) });
    case 'unpaused':
      return _('{name} made you ready', { name: by });
    default:
      return _('{name} signed you out of your phone.', { name: by });
  }
}

/** Return whether something stands on the page that a change of my state may make untrue. */
function isShown() {
  return menu !== null && (menu.matches(':popover-open') || !at('wish').hidden);
}

async function look() {
  const before = answered;
  try {
    const now = await api('GET', '/presence');
    if (before === answered) draw(now); // else it may be of before what the exchange has confirmed since
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(why(problem));
  }
}

/** Ask for a change by `control`, once at a time, when those asked for before are through. */
function change(control, body) {
  if (control.ariaBusy === 'true') return;
  control.ariaBusy = 'true';
  const opening = openings;
  inTurn(async () => {
    const isSo = await done('PUT', '', body);
    control.ariaBusy = null;
    if (isSo && opening === openings) menu.hidePopover();
  });
}

/** Ask to be in `queue` or out of it; what is wished last counts. */
function wish(queue, isIn) {
  const isAsked = wishes.has(queue);
  wishes.set(queue, isIn);
  if (isAsked) return;
  inTurn(() => {
    const method = wishes.get(queue) ? 'PUT' : 'DELETE';
    wishes.delete(queue);
    return done(method, `/queues/${encodeURIComponent(queue)}`);
  });
}

function inTurn(run) {
  last = last.then(run, run);
}

/** Let a change happen; returns whether it did, and says why when it did not. */
async function done(method, path, body) {
  tell('');
  lineFault('');
  try {
    const now = await api(method, `/presence${path}`, body);
    answered += 1;
    draw(now);
    return true;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    await look(); // nothing is believed that was not confirmed
    if (menu.matches(':popover-open')) tell(why(problem));
    else lineFault(why(problem));
    return false;
  }
}

function why(problem) {
  switch (problem.code) {
    case 'not_confirmed':
      return _('The exchange did not confirm it. You are as you were.');
    case 'rejected_by_exchange':
      return _('The exchange refused it. You are as you were.');
    case 'in_no_queue':
      return _('You are in no queue: nothing would ring you.');
    default:
      return reason(problem);
  }
}

function draw(now) {
  showWish(now.wished);
  at('be-ready').setAttribute('aria-pressed', String(now.state === 'ready'));
  for (const one of at('pauses').children) {
    one.setAttribute('aria-pressed', String(one.dataset.pause === (now.wished ?? now.reason)));
  }
  const shown = new Map([...at('my-queues').children].map((item) => [item.dataset.of, item]));
  const items = now.queues.map((one) => shown.get(one.queue) ?? queueItem(one));
  if (!items.length) items.push(make('p', { class: 'small muted' }, _('The exchange has told of no queue yet.')));
  // a box under somebody's finger stays where it is
  if (items.some((item, i) => item !== at('my-queues').children[i])) at('my-queues').replaceChildren(...items);
  now.queues.forEach((one, i) => show(items[i], one));
}

function queueItem({ queue }) {
  const box = make('input', { type: 'checkbox', 'data-queue': queue });
  return make('label', { class: 'item tick', 'data-of': queue }, box, make('span', { class: 'cut', dir: 'auto' }));
}

function show(item, { queue, name, is_member: isMember, is_fixed: isFixed }) {
  const [box, text] = item.children;
  text.textContent = name;
  box.checked = wishes.get(queue) ?? isMember;
  box.disabled = isFixed;
  item.title = isFixed ? _('The exchange\'s configuration puts you here.') : '';
}

function tell(text) {
  at('presence-error').textContent = text;
  at('presence-error').hidden = !text;
}

menu?.addEventListener('click', ({ target }) => {
  const code = target.closest('[data-pause]')?.dataset.pause;
  if (code) change(target.closest('[data-pause]'), { state: 'paused', reason: code });
  else if (target.closest('#be-ready')) beReady();
});
menu?.addEventListener('change', ({ target }) => wish(target.dataset.queue, target.checked));
menu?.addEventListener('beforetoggle', ({ newState }) => {
  if (newState !== 'open') return;
  openings += 1;
  tell('');
  look();
});
live.addEventListener('event', ({ detail: { event } }) => {
  if (event.type === 'agent.intervened') heardIntervention(event);
  else if (event.type === 'agent.state_changed' && event.interface === phone && isShown()) look();
});
