// How long records are kept: a rule is saved, and can be taken back; what would go by it is told before.

import { Problem, api } from './api.js';
import { dress } from './clock.js';
import { tellDone } from './done.js';
import { _, language, ngettext } from './i18n.js';
import { make } from './parts.js';
import { reason } from './reasons.js';

const page = document.getElementById('retention');
const daysIn = (panel) => panel.querySelector('[name="days"]');
const written = new Intl.NumberFormat(language);

page.addEventListener('submit', (event) => {
  event.preventDefault();
  const panel = event.target.closest('[data-kind]');
  tried(panel, async () => {
    const before = panel.dataset.days;
    await save(panel, asked(panel));
    tellDone(_('Saved.'), () => save(panel, before === '' ? null : Number(before)));
  });
});
page.addEventListener('click', ({ target }) => {
  const panel = target.closest('[data-outlook]')?.closest('[data-kind]');
  if (panel) tried(panel, () => look(panel));
});

/** Return the days that stand in the field; null when it is empty. */
function asked(panel) {
  const field = daysIn(panel);
  if (field.validity.valid) return field.value === '' ? null : Number(field.value);
  throw new Problem(422, { code: 'not_so_long' });
}

async function save(panel, days) {
  const { kind, version } = panel.dataset;
  const kept = await api('PUT', `/retention/${kind}`, { days }, { version });
  panel.dataset.version = kept.version;
  panel.dataset.days = kept.days ?? '';
  daysIn(panel).value = kept.days ?? '';
}

async function look(panel) {
  const days = asked(panel);
  const told = panel.querySelector('[data-told]');
  if (days === null) told.replaceChildren(_('Nothing goes: it is kept for good.'));
  else told.replaceChildren(...lines(await api('GET', `/retention/outlook?kind=${panel.dataset.kind}&days=${days}`)));
  told.hidden = false;
  dress(told);
}

function lines({ count, is_more: isMore, oldest, held, people }) {
  const n = isMore ? `> ${written.format(count)}` : written.format(count);
  const first = make('div', {}, ngettext('{written} record would go today.', '{written} records would go today.', count, { written: n }));
  if (oldest) first.append(' ', _('The oldest:'), ' ', make('time', { datetime: oldest, 'data-moment': 'full' }));
  if (!held) return [make('div', { class: 'grow stack tight' }, first)];
  const kept = make('div', {}, ngettext('{written} stays for a legal hold:', '{written} stay for legal holds:', held, { written: written.format(held) }));
  const named = people.map(({ contact_id: id, name, reason: why }) => make('li', {}, make('a', { href: `/contacts/${id}/privacy` }, make('bdi', {}, name || id)), ' · ', make('bdi', {}, why)));
  return [make('div', { class: 'grow stack tight' }, first, kept, make('ul', {}, ...named))];
}

async function tried(panel, deed) {
  const fault = panel.querySelector('.err');
  const field = daysIn(panel);
  fault.hidden = true;
  field.removeAttribute('aria-invalid');
  try {
    await deed();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const isHere = ['not_so_long', 'invalid'].includes(problem.code);
    fault.textContent = isHere ? _('From {least} to {most} days, or nothing.', { least: field.min, most: field.max }) : reason(problem);
    fault.hidden = false;
    if (isHere) field.setAttribute('aria-invalid', 'true');
    field.focus();
  }
}

dress(document);
