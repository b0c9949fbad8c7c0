// The floor's figures of today and of the last 30 minutes: asked for again when a call ends, and now and then.
//
// Each figure is a link to the calls behind it: the same queue, the same interval, the same kind of visit.

import { api } from './api.js';
import { clockText, dress } from './clock.js';
import { _, language, ngettext } from './i18n.js';
import { live } from './live.js';
import { make } from './parts.js';

const EVERY = 15_000;
const SOON = 500; // what ended is in the records by then
const GAP = 2_000; // a busy floor ends calls all the time
const NONE = '—';
const at = (id) => document.getElementById(id);
const share = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
let told = null;
let view = 'now';
let asked = 0;
let timer = setTimeout(refresh, 0);

live.addEventListener('event', ({ detail }) => detail.event.type === 'call.ended' && refreshIn(Math.max(SOON, asked + GAP - Date.now())));
at('queues').addEventListener('click', ({ target }) => {
  const button = target.closest('[data-view]');
  if (button) show(button.dataset.view);
});

function refreshIn(ms) {
  clearTimeout(timer);
  timer = setTimeout(refresh, ms);
}

async function refresh() {
  asked = Date.now();
  refreshIn(EVERY);
  try {
    told = await api('GET', '/figures');
    at('figures').classList.remove('stale');
  } catch {
    at('figures').classList.add('stale'); // the old ones stay, with their time
  }
  if (told) draw();
}

/** Show the queues as they are `now`, or their figures of an interval (`recent`, `today`). */
function show(wanted) {
  view = wanted;
  for (const button of at('queues').querySelectorAll('[data-view]')) {
    button.setAttribute('aria-pressed', String(button.dataset.view === view));
  }
  at('queues').querySelector('[data-now]').hidden = view !== 'now';
  at('figures').hidden = view === 'now';
  if (told) draw();
}

function draw() {
  drawTiles();
  if (view === 'now') return;
  const rows = told.queues.flatMap((queue) => queueRows(queue.name, queue[view], queue));
  if (told.queues.length > 1) rows.push(...queueRows(_('All'), told[view], {}));
  at('figures').querySelector('tbody').replaceChildren(...rows);
  at('figures-told').replaceChildren(
    _('In time: answered within {within} s, of all who were answered or hung up after more than {short} s.', {
      within: told.within_s, short: told.short_abandon_s }),
    ' ', _('Mean wait: of the answered. Handling: talk, hold and wrap-up.'), ' ',
    make('time', { datetime: told.at, 'data-clock': '' }));
  dress(at('figures'));
}

function drawTiles() {
  const { today, recent, lost } = told;
  tile('service', percent(recent.service_level), _('today {share} · ≤ {s} s', {
    share: percent(today.service_level), s: told.within_s }), { figure: 'counted', since: told.recent_since });
  tile('abandoned', String(today.abandoned), percent(today.abandonment), { figure: 'abandoned', since: told.today_since });
  tile('lost', String(lost), lost ? _('waited in vain today') : _('nobody'));
}

function tile(name, figure, more, query = null) {
  at(name).textContent = figure;
  at(`${name}-more`).textContent = more;
  if (query) at(name).closest('a').href = address(query);
}

function queueRows(name, figures, { pbx = null, queue = null, within_s: within = null }) {
  const link = (figure, text, css = null) => make('a', { class: css, href: address({ queue, pbx, figure, since: since() }) }, text);
  const cell = (figure, text, title = null) => make('td', { class: 'n', title }, text === NONE ? NONE : link(figure, text, 'plain'));
  const head = make('tr', { class: queue === null ? 'strong' : null },
    make('td', { class: 'cut strong', dir: 'auto', title: name }, name),
    cell('offered', String(figures.offered)),
    cell('answered', String(figures.answered)),
    cell('abandoned', String(figures.abandoned)),
    cell('counted', percent(figures.service_level), within ? `≤ ${within} s` : null),
    cell('answered', span(figures.asa_s)),
    cell('waited', span(figures.longest_wait_s)),
    cell('answered', span(figures.aht_s)));
  const beside = [
    [figures.short_abandoned, 'short_abandoned', (n) => ngettext('{n} hung up at once', '{n} hung up at once', n)],
    [figures.left, 'left', (n) => ngettext('{n} left the queue', '{n} left the queue', n)],
    [figures.refused, 'refused', (n) => ngettext('{n} was refused, beside the offered', '{n} were refused, beside the offered', n)],
  ].filter(([n]) => n > 0).map(([n, figure, words]) => link(figure, words(n)));
  if (beside.length === 0) return [head];
  return [head, make('tr', { class: 'sub' }, make('td', { class: 'in-queue', colspan: 8 }, make('div', { class: 'row wrap t13' }, ...beside)))];
}

function since() {
  return view === 'today' ? told.today_since : told.recent_since;
}

function address(query) {
  return `/calls?${new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null))}`;
}

function percent(part) {
  return part === null ? NONE : `${share.format(part * 100)}\u00a0%`;
}

function span(seconds) {
  return seconds === null ? NONE : clockText(Math.round(seconds));
}
