// Customers to be rung back: the list is asked for again when a call ends or begins to be talked in, and now and then.

import { Problem, api } from './api.js';
import { dress } from './clock.js';
import { newKey } from './desk_forms.js';
import { regardless, remember, wishOf } from './dial_again.js';
import { _ } from './i18n.js';
import { live } from './live.js';
import { reason } from './reasons.js';

const EVERY = 15_000;
const CONFIRMED_WITHIN = 2_000;
const SOON = 500; // what ended is in the records by then
const TELLS = new Set(['call.ended', 'call.answered', 'call.corrected']);
const place = document.getElementById('lost');
const begun = new Set(); // what calls were asked for as that have begun since this page was opened
let timer = setTimeout(refresh, EVERY);

live.addEventListener('event', ({ detail }) => begun.add(detail.event.origin?.ref));
live.addEventListener('event', ({ detail }) => TELLS.has(detail.event.type) && refreshIn(SOON));
live.addEventListener('snapshot', () => refreshIn(0));
live.start(['floor']);

place.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-dial]');
  if (button && button.getAttribute('aria-busy') !== 'true') dial(button);
});

/** Ask for a call; what the exchange does not confirm in time has failed. */
async function dial(button) {
  tell(null);
  button.setAttribute('aria-busy', 'true');
  const wish = wishOf(button);
  try {
    const { ref } = await api('POST', '/calls', { ...wish, regardless: regardless(wish) }, { key: newKey() });
    remember(wish, null);
    if (await confirmed(ref)) tell(_('Your phone rings first.'));
    else tell(_('The exchange did not confirm the call.'), 'dial-fault');
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    remember(wish, problem);
    tell(reason(problem), 'dial-fault');
  } finally {
    button.removeAttribute('aria-busy');
  }
}

/** Return whether a call that was asked for as `ref` has begun, or begins in time. */
function confirmed(ref) {
  if (begun.has(ref)) return true;
  return new Promise((resolve) => {
    const late = setTimeout(resolve, CONFIRMED_WITHIN, false);
    live.addEventListener('event', function heard() {
      if (!begun.has(ref)) return;
      live.removeEventListener('event', heard);
      clearTimeout(late);
      resolve(true);
    });
  });
}

function tell(text, id = 'dial-told') {
  for (const name of ['dial-told', 'dial-fault']) document.getElementById(name).hidden = true;
  if (text === null) return;
  document.getElementById(id).textContent = text;
  document.getElementById(id).hidden = false;
}

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
