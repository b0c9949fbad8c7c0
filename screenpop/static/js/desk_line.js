// The line bar: my state and its clock, who is on the line, and what failed there.

import { dress } from './clock.js';
import { first } from './desk_calls.js';
import { phoneName, whoIs } from './desk_who.js';
import { _, looks } from './i18n.js';
import { chip, icon, make } from './parts.js';
import { pauseName } from './pauses.js';

const FAULT_STANDS = 10_000;
const at = (id) => document.getElementById(id);
const LOOKS = { ringing: 'ringing', talking: 'talking', over: 'wrapping', elsewhere: '', dialling: 'talking', free: '' };
let fault = null;

/** Show the line of `desk`; `phone` is mine (null: none), `dialled` the number asked for, `called` the one under way. */
export function drawLine(desk, { phone, dialled, called }) {
  drawState(desk.state);
  const [kind, shown] = phone ? lineOf(desk, dialled) : ['free', null];
  const line = at('line');
  const lost = line.classList.contains('lost') ? 'lost' : '';
  line.className = `line ${LOOKS[kind]} ${lost}`.trim();
  line.dataset.line = kind;
  const isPlain = kind === 'free' || kind === 'elsewhere';
  fillText(at('line-who'), words(kind, shown, { phone, dialled, called }));
  at('line-who').classList.toggle('muted', isPlain);
  drawLead(kind, shown);
  at('dial').hidden = kind !== 'free' || !phone;
  at('peek').hidden = !(first(desk, 'talking') && first(desk, 'ringing'));
}

/** Say what went wrong at the line; it stands for a while. */
export function lineFault(text) {
  say(text, true);
}

/** Say at the line what somebody else did; it stands for a while. */
export function lineNote(text) {
  say(text, false);
}

/** Show that a pause for `reason` follows the call; null: none does. */
export function showWish(reason) {
  at('wish').hidden = reason === null;
  if (reason === null) return;
  const text = _('Then: {reason}', { reason: pauseName(reason) });
  fillText(at('wish').lastElementChild, text);
  at('wish').title = text;
}

function say(text, isFault) {
  clearTimeout(fault);
  at('line-fault').classList.toggle('err', isFault);
  fillText(at('line-fault'), text);
  if (text) fault = setTimeout(() => say('', isFault), FAULT_STANDS);
}

function lineOf(desk, dialled) {
  for (const phase of ['ringing', 'talking']) {
    const shown = first(desk, phase);
    if (shown) return [phase, shown];
  }
  if (desk.state?.state === 'dialling' || dialled) return ['dialling', null];
  for (const phase of ['elsewhere', 'over']) {
    const shown = first(desk, phase);
    if (shown) return [phase, shown];
  }
  return ['free', null];
}

function words(kind, shown, { phone, dialled, called }) {
  switch (kind) {
    case 'ringing':
    case 'talking':
      return whoIs(shown).text;
    case 'dialling':
      if (dialled) return _('Calling {number}: your phone rings first', { number: dialled });
      return called ? _('Calling {number}', { number: called }) : _('Calling');
    case 'over':
      return _('After the call with {name}', { name: whoIs(shown).name });
    case 'elsewhere':
      return shown.by ? _('Answered at {phone}', { phone: phoneName(shown.by) }) : _('Answered elsewhere');
    default:
      return phone ? _('Line free · {phone}', { phone: phoneName(phone) }) : _('No phone is yours');
  }
}

const ICONS = { ringing: ['bell-ring', 'i-ring'], dialling: ['phone-outgoing', 'i-talk'], over: ['pencil-line', 'i-wrap'], elsewhere: ['phone-forwarded', 'muted'], free: ['phone', 'muted'] };

function drawLead(kind, shown) {
  const lead = at('line-lead');
  const key = `${kind} ${shown?.since ?? ''}`;
  if (lead.dataset.key === key) return;
  lead.dataset.key = key;
  lead.classList.toggle('pulse', kind === 'ringing');
  if (kind === 'talking') lead.replaceChildren(make('span', { class: 'clock timer', 'data-since': shown.since, 'aria-live': 'off' }));
  else lead.replaceChildren(icon(ICONS[kind][0], `big ${ICONS[kind][1]}`));
  dress(lead);
}

function drawState(state) {
  const name = state?.state ?? 'logged_out';
  const place = at('state-chip');
  const key = `${name} ${state?.reason ?? ''}`;
  if (place.dataset.key !== key) {
    place.dataset.key = key;
    const reason = name === 'paused' ? pauseName(state.reason) : '';
    const look = looks.agent[name];
    place.replaceChildren(chip(reason ? { ...look, word: `${look.word} · ${reason}` } : look));
    at('state').title = reason;
  }
  const clock = at('state-clock');
  if (state) clock.dataset.since = state.since;
  else delete clock.dataset.since;
  if (!state) clock.textContent = '';
  dress(at('state'));
}

function fillText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
