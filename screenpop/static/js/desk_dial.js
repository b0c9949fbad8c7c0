// Click-to-call: asked of the server, confirmed by what the exchange tells; until then nothing is believed.

import { Problem, api } from './api.js';
import { newKey } from './desk_forms.js';
import { regardless, remember, wishOf } from './dial_again.js';
import { lineFault } from './desk_line.js';
import { _ } from './i18n.js';
import { live } from './live.js';
import { reason } from './reasons.js';

const CONFIRMED_WITHIN = 2_000;
const form = document.getElementById('dial');
let isLinked = false;
let waiting = null; // {number, timer} of a command that the exchange has not confirmed
let underWay = null; // the number of one that it has, while the call lasts

export const dialling = new EventTarget(); // tells `changed`

/** The number, as it is written, that was asked for and is not confirmed yet, else null. */
export const dialled = () => waiting?.number ?? null;

/** The number that is being called now, as it is written; null where we did not ask for the call. */
export const called = () => underWay;

/** Ask for the call of `wish`, whose number is told as `written`: my phone rings first. `call` is the one it answers. */
async function dial(wish, written, call = null) {
  if (waiting) return;
  if (!isLinked) {
    lineFault(_('No connection. Nothing is lost: try again.')); // nor could we hear that it rings
    return;
  }
  lineFault('');
  expect({ number: written });
  try {
    await api('POST', '/calls', { call_id: call, ...wish, regardless: regardless(wish) }, { key: newKey() });
    remember(wish, null);
    if (!waiting) return; // it rings already
    const timer = setTimeout(() => fail(_('The exchange did not confirm the call.')), CONFIRMED_WITHIN);
    expect({ number: written, timer });
    form.reset();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    remember(wish, problem);
    fail(problem.code === 'invalid' ? _('{number} is no number to call.', { number: written }) : reason(problem));
  }
}

/** The exchange says that my phone is in use: whatever was asked for is under way. */
export function confirmDial() {
  if (!waiting) return;
  underWay = waiting.number;
  expect(null);
}

/** My phone is free: nothing is under way. */
export function endDial() {
  underWay = null;
}

function fail(text) {
  expect(null);
  lineFault(text);
}

function expect(what) {
  clearTimeout(waiting?.timer);
  waiting = what;
  dialling.dispatchEvent(new Event('changed'));
}

live.addEventListener('link', ({ detail }) => {
  isLinked = detail.state === 'up';
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const number = form.elements.number.value.trim();
  if (number) dial({ number }, number);
});
document.getElementById('main').addEventListener('click', ({ target }) => {
  const button = target.closest('[data-dial]');
  if (button) dial(wishOf(button), button.dataset.shown ?? button.dataset.dial, button.dataset.call);
});
