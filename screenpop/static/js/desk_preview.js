// The preview list on the desk: take the next lead, dial it by key, tell what came of it. The server draws it.

import { Problem, api } from './api.js';
import { momentText, now } from './clock.js';
import { newKey } from './desk_forms.js';
import { fill, part } from './desk_part.js';
import { _ } from './i18n.js';
import { live } from './live.js';
import { reason } from './reasons.js';

const place = document.getElementById('preview');
const BUSY = new Set(['dialling', 'reserved', 'talking', 'holding', 'consulting']);
const BORN_WITHIN = 10_500; // as the server has it, and a little more
let agent = null;
let isBusy = false; // I am on the line, whoever called
let isAsking = false;

const find = (what) => place.querySelector(what);
const leadId = () => find('[data-lead]')?.dataset.lead ?? null;
const attemptId = () => find('[data-attempt]')?.dataset.attempt ?? null;

/** Draw what the server has for me; `told` says what has just happened. */
async function refresh(told = '') {
  const note = find('#lead-note')?.value ?? '';
  const before = attemptId();
  const drawn = await part('/desk/preview');
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  fill(place, drawn);
  place.hidden = place.children.length === 0;
  if (before !== null && before === attemptId()) find('#lead-note').value = note;
  const line = find('[data-told]');
  if (line) line.textContent = told;
  if (focused) (again(focused) ?? find('[data-outcome], [data-lead-dial]:enabled, [data-next-lead]'))?.focus();
  offerBack();
}

/** The field that was drawn anew. */
const again = ({ id }) => (id ? find(`#${id}`) : null);

/** A line of which nothing is heard was never dialled: then the lead may be given back. */
function offerBack() {
  const asked = find('[data-asked]')?.dataset.asked;
  if (!asked) return;
  const left = Date.parse(asked) + BORN_WITHIN - now();
  if (left > 0) setTimeout(offerBack, left);
  else find('[data-release]').hidden = isBusy;
}

/** Run one command at a time; what it cannot do stands in the panel. */
async function command(work) {
  if (isAsking) return;
  isAsking = true;
  tellFault('');
  try {
    await work();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    await refresh().catch(() => {});
    tellFault(why(problem));
  } finally {
    isAsking = false;
  }
}

function next() {
  return command(async () => {
    const { preview } = await api('POST', '/preview', {});
    await refresh(preview ? '' : _('Nobody may be called now.'));
    find('[data-lead-dial]:enabled')?.focus();
  });
}

/** Dial the number of `button`; where it is not shown, the one at its place. */
function dial({ dataset }) {
  const id = leadId();
  const asked = dataset.leadDial.includes('•') ? { place: Number(dataset.place) } : { number: dataset.leadDial };
  return command(async () => {
    await api('POST', `/preview/${id}/dial`, asked, { key: newKey() });
    await refresh();
  });
}

function release() {
  const id = leadId();
  return command(async () => {
    await api('POST', `/preview/${id}/release`, {});
    await refresh(_('Given back; it is offered again later.'));
    find('[data-next-lead]')?.focus();
  });
}

function tell(outcome, facts = {}) {
  const id = attemptId();
  const note = find('#lead-note').value.trim() || null;
  return command(async () => {
    await api('POST', `/attempts/${id}/outcome`, { outcome, note, ...facts });
    await refresh(_('Saved.'));
    find('[data-next-lead]')?.focus();
  });
}

function choose(button) {
  if (button.dataset.outcome !== 'callback') {
    tell(button.dataset.outcome);
    return;
  }
  const form = find('#lead-callback');
  form.hidden = !form.hidden;
  button.setAttribute('aria-expanded', String(!form.hidden));
  if (!form.hidden) find('#lead-at').focus();
}

function promise() {
  const typed = find('#lead-at').value;
  if (!typed) {
    tellFault(_('Say when.'));
    find('#lead-at').focus();
    return;
  }
  tell('callback', { callback_at: new Date(typed).toISOString(), is_own: find('#lead-own').checked });
}

function why(problem) {
  if (problem.code === 'invalid') return _('This time cannot be promised.');
  if (problem.code !== 'dial_gate_closed') return reason(problem);
  const { until } = problem.newer;
  const rule = GATE[problem.newer.verdict]?.() ?? problem.newer.verdict;
  return until ? _('{why}: not before {time}', { why: rule, time: momentText(Date.parse(until), true) }) : rule;
}

const GATE = {
  do_not_call: () => _('Must not be called'),
  attempts_used_up: () => _('Tried often enough'),
  attempts_in_law: () => _('As often as the law allows'),
  attempts_today: () => _('Tried often enough today'),
  too_soon: () => _('Tried just now'),
  hours: () => _('Outside the hours of the law'),
};
const SETTLED = {
  busy: () => _('Busy. It is tried again later.'),
  no_answer: () => _('No answer. It is tried again later.'),
  rejected: () => _('The call was rejected. It is tried again later.'),
  unreachable: () => _('Could not be reached. It is tried again later.'),
  cancelled: () => _('Given up. It is tried again later.'),
  not_dialled: () => _('Your phone was not answered: nobody was called.'),
};

function tellFault(text) {
  const line = find('[data-fault]');
  if (!line) return;
  line.textContent = text;
  line.hidden = !text;
}

/** Ctrl+Enter dials the lead when I am free; a digit is an outcome while the panel has the focus. */
function onKey(event) {
  if (event.defaultPrevented || event.altKey || event.metaKey) return;
  if (event.ctrlKey) {
    const button = event.key === 'Enter' && isFree(event.target) ? find('[data-lead-dial]:enabled') : null;
    if (!button) return;
    event.preventDefault();
    dial(button);
  } else if (/^[1-9]$/.test(event.key) && place.contains(event.target) && !event.target.matches('input')) {
    const button = place.querySelectorAll('[data-outcome]')[Number(event.key) - 1];
    if (!button) return;
    event.preventDefault();
    choose(button);
  }
}

const isFree = (target) => !isBusy && document.getElementById('call').hidden && !target.closest('form');

place.addEventListener('click', ({ target }) => {
  const button = target.closest('button');
  if (!button) return;
  if (button.matches('[data-next-lead]')) next();
  else if (button.matches('[data-release]')) release();
  else if (button.matches('[data-lead-dial]')) dial(button);
  else if (button.matches('[data-outcome]')) choose(button);
});
place.addEventListener('submit', (event) => {
  event.preventDefault();
  promise();
});
document.addEventListener('keydown', onKey, { capture: true });
live.addEventListener('snapshot', ({ detail }) => {
  agent = detail.desk.agent;
  isBusy = BUSY.has(detail.desk.state?.state);
  refresh().catch(() => {});
});
live.addEventListener('event', ({ detail: { event } }) => {
  if (event.type === 'agent.state_changed' && event.agent === agent) {
    isBusy = BUSY.has(event.state);
    offerBack();
  }
  if (event.type === 'campaign.changed' && leadId() === null) refresh().catch(() => {});
  if (event.type !== 'attempt.settled' || event.attempt_id !== attemptId() || event.by !== null) return;
  refresh(SETTLED[event.outcome]?.() ?? '').catch(() => {});
});
