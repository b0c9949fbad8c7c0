// The card of the call on the page: put in place as the server drew it, laid out by what the phone does.

import { dress, now } from './clock.js';
import { drawn, fill } from './desk_part.js';
import { phoneName, whoIs } from './desk_who.js';
import { _ } from './i18n.js';
import { icon, make } from './parts.js';

const at = (id) => document.getElementById(id);
let there = { html: null, id: null };

/** Show the card of `shown`; null shows what is there between two calls. */
export function drawCard(shown) {
  at('idle').hidden = shown !== null;
  at('call').hidden = shown === null;
  at('main').classList.toggle('fill', shown !== null);
  if (shown === null) {
    there = { html: null, id: null };
    at('card-parts').replaceChildren();
    return;
  }
  if (shown.html !== there.html || shown.call.id !== there.id) put(shown);
  if (shown.named) at('card-parts').querySelector('[data-name]').textContent = shown.named;
  lay(shown);
}

function put(shown) {
  there = { html: shown.html, id: shown.call.id };
  const parts = [...(shown.html ? drawn(shown.html).children : [bare(shown)])];
  fill(at('card-parts'), ...parts.filter((one) => one.dataset.part !== 'aside'));
  fill(at('aside-parts'), ...parts.filter((one) => one.dataset.part === 'aside'));
}

/** While it rings the rest stands beside the card; during the talk below it, and the middle takes its place. */
function lay(shown) {
  const { phase } = shown;
  const view = phase === 'ringing' || phase === 'elsewhere' ? 'ringing' : 'talking';
  const call = at('call');
  if (call.dataset.view !== view) {
    call.dataset.view = view;
    if (view === 'talking') at('card').append(at('aside'));
    else at('card').after(at('aside'));
    at('main').scrollTop = 0;
  }
  call.dataset.phase = phase;
  const waited = at('card').querySelector('[data-wait]:not([data-until])');
  const answeredAt = phase === 'over' ? shown.call.answered_at : shown.since;
  if (waited && phase !== 'ringing') waited.dataset.until = answeredAt ?? new Date(now()).toISOString();
  if (phase === 'elsewhere') tellElsewhere(shown);
  dress(at('card'));
}

function tellElsewhere(shown) {
  const words = shown.by ? _('Answered at {phone}', { phone: phoneName(shown.by) }) : _('Answered elsewhere');
  at('card').querySelector('.top')?.replaceChildren(icon('phone-forwarded', 'big'), words);
}

/** What is shown when the card could not be drawn. */
function bare(shown) {
  const { name, company } = whoIs(shown);
  const who = make('div', { class: 'stack tight' }, make('div', { class: 'name', dir: 'auto' }, name.slice(0, 200)), company?.slice(0, 200) ?? '');
  return make('section', { class: 'panel callcard', 'data-part': 'who', 'aria-label': _('The call') },
    make('div', { class: 'top' }, icon('bell-ring', 'big'), _('Ringing at your phone')), make('div', { class: 'main' }, who));
}
