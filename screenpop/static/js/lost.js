// Customers to be rung back: the list is asked for again when a call ends or begins to be talked in, and now and then.

import { Problem, api } from './api.js';
import { dress } from './clock.js';
import { newKey, reason } from './desk_forms.js';
import { live } from './live.js';

const EVERY = 15_000;
const SOON = 500; // what ended is in the records by then
const TELLS = new Set(['call.ended', 'call.answered', 'call.corrected']);
const place = document.getElementById('lost');
const fault = document.getElementById('dial-fault');
let timer = setTimeout(refresh, EVERY);

live.addEventListener('event', ({ detail }) => TELLS.has(detail.event.type) && refreshIn(SOON));
live.addEventListener('snapshot', () => refreshIn(0));
live.start(['floor']);

place.addEventListener('click', async ({ target }) => {
  const button = target.closest('[data-dial]');
  if (!button || button.getAttribute('aria-busy') === 'true') return;
  button.setAttribute('aria-busy', 'true');
  fault.hidden = true;
  try {
    await api('POST', '/calls', { number: button.dataset.dial }, { key: newKey() });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    fault.textContent = reason(problem);
    fault.hidden = false;
  } finally {
    button.removeAttribute('aria-busy');
  }
});

function refreshIn(ms) {
  clearTimeout(timer);
  timer = setTimeout(refresh, ms);
}

/** Put the list as it is now in place of the one that stands here, unless somebody is about to press something in it. */
async function refresh() {
  refreshIn(EVERY);
  const answer = await fetch('/lost/list').catch(() => null); // without a connection the old list stays
  if (!answer?.ok || answer.redirected) return;
  const text = await answer.text();
  const held = document.activeElement?.closest('[data-customer]')?.dataset.customer;
  place.innerHTML = text;
  dress(place);
  place.querySelector(`[data-customer="${CSS.escape(held ?? '')}"] [data-dial]`)?.focus();
}
