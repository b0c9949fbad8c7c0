// Hold from the desk: the customer hears music until I take him back. Asked of the server, believed when it is told.

import { Problem, api } from './api.js';
import { first } from './desk_calls.js';
import { lineFault } from './desk_line.js';
import { _ } from './i18n.js';
import { reason } from './reasons.js';

const button = document.getElementById('line-hold'); // null where nothing can be asked for
const CONFIRMED_WITHIN = 2_000;
let now = null; // {call, act} that the button would ask for
let asked = null; // {call, act, timer}: asked for, and not told yet

/** Show what can be done with the talk of `desk`. */
export function drawHold(desk) {
  if (!button) return;
  const talk = first(desk, 'talking');
  const act = { talking: 'hold', holding: desk.state?.is_kept ? 'resume' : null }[desk.state?.state]; // what the phone holds it takes back
  now = talk && act && desk.state.call === talk.call.id ? { call: talk.call.id, act } : null;
  if (asked && !(now?.call === asked.call && now.act === asked.act)) expect(null); // it was told, or is of no use any more
  button.hidden = now === null;
  if (!now) return;
  button.dataset.act = act;
  button.querySelector('.word').textContent = act === 'hold' ? _('Hold') : _('Take back');
}

/** Hold the customer, or take him back; false where there is nothing to ask. */
export function holdOrResume() {
  if (!button || !now) return false;
  if (!asked) ask(now);
  return true;
}

async function ask(wanted) {
  lineFault('');
  expect({ ...wanted, timer: null });
  try {
    await api('POST', `/calls/${wanted.call}/${wanted.act}`);
    if (asked?.call !== wanted.call || asked.act !== wanted.act) return; // told already
    expect({ ...wanted, timer: setTimeout(() => fail(_('The exchange did not confirm it. All is as it was.')), CONFIRMED_WITHIN) });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    fail(reason(problem));
  }
}

function expect(what) {
  clearTimeout(asked?.timer);
  asked = what;
  button.setAttribute('aria-busy', String(asked !== null));
}

function fail(text) {
  expect(null);
  lineFault(text);
}

button?.addEventListener('click', holdOrResume);
