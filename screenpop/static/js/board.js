// The floor's page: draws what floor.js knows, a few times a second at most, and moves nothing under the pointer.

import { clockText, dress, now } from './clock.js';
import { Floor } from './floor.js';
import { nameOf } from './floor_step_in.js';
import { _, looks } from './i18n.js';
import { live } from './live.js';
import { numberText } from './numbers.js';
import { bar, chip, icon, make } from './parts.js';
import { pauseName } from './pauses.js';
import { queueName } from './queues.js';

const DRAW_EVERY = 250;
const ORDER = Object.keys(looks.agent);
const at = (id) => document.getElementById(id);
const floor = new Floor();
let drawing = null;

live.addEventListener('snapshot', ({ detail }) => {
  floor.take(detail);
  at('board').removeAttribute('aria-busy');
  draw();
});
for (const op of ['event', 'screen_pop', 'screen_pop_end']) {
  live.addEventListener(op, ({ detail }) => {
    if (!floor.apply(detail.event, detail.name)) live.refresh();
    drawing ??= setTimeout(draw, DRAW_EVERY);
  });
}
live.start(['floor']);

function draw() {
  clearTimeout(drawing);
  drawing = null;
  const people = floor.people();
  const queues = [...floor.queues.values()].sort(byName);
  drawExchanges();
  drawTiles(floor.figures());
  fill('queues', queues.length, queues.flatMap((queue) => queueRows(queue, people)));
  fill('calls', floor.calls.size, [...floor.calls.values()].sort(byAge).map((call) => callRow(call, people)));
  fill('agents', people.length, people.sort(byNeed).map(agentRow));
}

function drawExchanges() {
  const all = Object.entries(floor.pbx);
  const drawn = all.map(([name, isUp]) => make('span', { class: 'row' },
    icon(isUp ? 'plug' : 'unplug', isUp ? 'i-ready' : 'i-danger'),
    isUp ? _('Exchange {name}', { name }) : _('Exchange {name}: not connected', { name })));
  at('exchanges').replaceChildren(...drawn);
  const away = all.filter(([, isUp]) => !isUp).map(([name]) => name).join(', ');
  if (at('alarm').dataset.away === away) return;
  at('alarm').dataset.away = away;
  at('alarm').replaceChildren(...(away ? [alarm(away)] : []));
}

function alarm(name) {
  return make('div', { class: 'banner bad' }, icon('octagon-alert', 'big i-danger'), make('div', { class: 'grow' },
    make('strong', {}, _('Exchange {name} does not answer.', { name })), ' ',
    make('span', { class: 'soft' }, _('Calls go on there; what is shown of them may be old.'))));
}

function drawTiles(figures) {
  const { longest } = figures;
  tile('waiting', figures.waiting, figures.ringing ? _('{n} of them ringing', { n: figures.ringing }) : ' ');
  tile('longest', longest ? timer(longest.since) : '—', longest ? queueName(longest.pbx, longest.queue) : _('nobody waits'));
  tile('talking', figures.working, figures.holding ? _('{n} on hold', { n: figures.holding }) : ' ');
  const rest = [
    figures.wrapUp && _('{n} in wrap-up', { n: figures.wrapUp }),
    figures.paused && _('{n} paused', { n: figures.paused }),
  ];
  tile('ready', figures.ready, rest.filter(Boolean).join(' · ') || ' ', _('of {n}', { n: figures.people }));
}

function tile(name, figure, more, small = '') {
  at(name).replaceChildren(figure instanceof Node ? figure : String(figure), ...(small ? [make('small', {}, small)] : []));
  at(`${name}-more`).textContent = more;
  dress(at(name));
}

function queueRows(queue, people) {
  const { ready, all } = floor.membersOf(queue, people);
  const oldest = queue.waiting.reduce((a, b) => (a && a.since <= b.since ? a : b), null);
  const [key, name] = [`${queue.pbx}:${queue.queue}`, queueName(queue.pbx, queue.queue)];
  const head = row(key, [name, queue.waiting.length, oldest?.since, ready, all], () => [
    make('td', { class: 'cut strong', dir: 'auto', title: name }, name),
    make('td', { class: 'n' }, make(queue.waiting.length ? 'b' : 'span', { class: queue.waiting.length ? null : 'muted' },
      String(queue.waiting.length))),
    make('td', { class: 'n' }, oldest ? timer(oldest.since) : make('span', { class: 'muted' }, '—')),
    make('td', { class: 'n' }, `${ready} `, make('span', { class: 'muted' }, `/ ${all}`)),
  ]);
  return [head, ...queue.waiting.map((one) => waitingRow(key, one))];
}

function waitingRow(key, waiting) {
  const who = customer(floor.calls.get(waiting.call));
  return row(`${key}:${waiting.call}`, [who, waiting], () => [
    make('td', { class: 'in-queue', colspan: 2 }, make('div', { class: 'row' },
      make('span', { class: 'num muted' }, String(waiting.position)),
      make('span', { class: 'cut grow', dir: 'auto', title: who }, who),
      ...(waiting.ringing ? [chip(looks.agent.reserved)] : []))),
    make('td', { class: 'n' }, timer(waiting.since)),
    make('td'),
  ], 'sub');
}

function callRow(call, people) {
  const who = customer(call);
  const agent = call.with ? nameAt(call, people) : '—';
  return row(call.id, [who, agent, call.segments], () => [
    make('td', { class: 'cut', dir: 'auto', title: who }, make('a', { class: 'plain', href: `/calls/${call.id}` }, who)),
    make('td', { class: 'cut soft wide-only', title: agent }, agent),
    make('td', {}, bar(call.segments, now())),
    make('td', { class: 'n' }, timer(call.startedAt)),
  ]);
}

function agentRow(agent) {
  const { name } = agent;
  const look = looks.agent[agent.state];
  const call = agent.call ? floor.calls.get(agent.call) : null;
  const beside = (agent.reason && pauseName(agent.reason)) ?? (call ? customer(call) : '—');
  return row(`${agent.pbx}:${agent.interface}`, [name, agent.agent, agent.call, agent.state, agent.since, beside], () => [
    make('td', { class: 'cut', title: name }, nameOf(agent)),
    make('td', {}, chip(look)),
    make('td', { class: 'n' }, agent.since ? timer(agent.since) : '—'),
    make('td', { class: 'cut soft wide-only', dir: 'auto', title: beside }, beside),
  ]);
}

function nameAt({ pbx, with: place }, people) {
  return people.find((one) => one.pbx === pbx && one.interface === place)?.name ?? place.split('/').at(-1);
}

function customer(call) {
  if (call?.name) return call.name;
  return call?.number ? numberText(call.number) : _('Withheld number');
}

function timer(since) {
  return make('span', { class: 'timer', 'data-since': since }, clockText((now() - Date.parse(since)) / 1_000));
}

/** A row to be: drawn only when `facts` are others than those of the row that stands there. */
function row(key, facts, cells, css = null) {
  return { key, facts: JSON.stringify(facts), cells, css };
}

/** Lay `rows` into the table of the panel `id`; while the pointer is over it, rows keep their places. */
function fill(id, count, rows) {
  const panel = at(id);
  const body = panel.querySelector('tbody');
  const there = new Map([...body.rows].map((one) => [one.dataset.key, one]));
  const isHeld = body.matches(':hover');
  const drawn = rows.map((wanted) => drawnRow(there.get(wanted.key), wanted));
  for (const gone of [...there.values()].filter((one) => !drawn.includes(one))) gone.remove();
  drawn.forEach((one, index) => {
    if (isHeld ? !one.isConnected : body.rows[index] !== one) body.insertBefore(one, body.rows[index] ?? null);
  });
  panel.querySelector('[data-count]').textContent = count;
  panel.querySelector('.none').hidden = count > 0;
}

function drawnRow(standing, wanted) {
  if (standing?.dataset.facts === wanted.facts) return standing;
  const drawn = standing ?? make('tr', { 'data-key': wanted.key, class: wanted.css });
  drawn.dataset.facts = wanted.facts;
  const isFocused = drawn.contains(document.activeElement);
  drawn.replaceChildren(...wanted.cells());
  if (isFocused) drawn.querySelector('button')?.focus();
  dress(drawn);
  return drawn;
}

function byName(a, b) {
  return queueName(a.pbx, a.queue).localeCompare(queueName(b.pbx, b.queue));
}

function byAge(a, b) {
  return a.startedAt.localeCompare(b.startedAt);
}

function byNeed(a, b) {
  const [first, second] = [a, b].map((one) => one.since ?? '~'); // who is in a state for longest comes first
  return isEmptyChair(a) - isEmptyChair(b) || ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || first.localeCompare(second) || a.name.localeCompare(b.name);
}

/** Return whether nobody is there: a member of a queue where no one signed in, whose phone is dead. */
function isEmptyChair({ state, since }) {
  return state === 'unreachable' && !since;
}
