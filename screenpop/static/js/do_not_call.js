// Who must not be called: numbers are added from a field or a file, and lifted with a reason; that is taken back.

import { Problem, api, meta } from './api.js';
import { dress } from './clock.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { tellDone } from './done.js';
import { _, ngettext } from './i18n.js';
import { make } from './parts.js';

const WITHIN = 90_000;
const SHOWN = 100; // numbers left out that are shown; the count is of all
const at = (id) => document.getElementById(id);
let lifting = null; // the row whose number is to be lifted

at('add').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const why = form.elements.why.value.trim();
  const file = form.elements.file.files[0];
  const lines = form.elements.numbers.value.trim();
  if (!file && !lines) return refuse(form, 'numbers', _('Write a number, or choose a file.'));
  if (!why) return refuse(form, 'why', _('Say why.'));
  const told = await sent(form, () => upload(file ?? `phone\n${lines.split('\n').map(quoted).join('\n')}`, why));
  if (told) report(form, told);
  return undefined;
});

at('listed')?.addEventListener('click', ({ target }) => {
  const row = target.closest('[data-lift]')?.closest('tr');
  if (!row) return;
  lifting = row;
  at('lift-number').textContent = row.cells[0].textContent;
  at('lift-why').value = '';
  at('lift-panel').hidden = false;
  at('lift-why').focus();
});

at('lift').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const why = form.elements.why.value.trim();
  if (!why) return refuse(form, 'why', _('Say why.'));
  const row = lifting;
  const { number, why: before } = row.dataset;
  const done = await sent(form, async () => {
    await api('DELETE', `/do-not-call/${encodeURIComponent(number)}?${new URLSearchParams({ why })}`);
    return true;
  });
  if (!done) return undefined;
  close();
  row.hidden = true;
  tellDone(_('It may be called again.'), async () => {
    await api('POST', '/do-not-call', { number, why: before }, { key: newKey() });
    row.hidden = false;
  });
  return undefined;
});

at('lift-close').addEventListener('click', () => {
  close();
  lifting.querySelector('[data-lift]').focus();
});

function close() {
  at('lift-panel').hidden = true;
}

function refuse(form, name, text) {
  faultAt(form, name, text);
  form.elements[name].focus();
}

/** A line as one cell, whatever stands in it. */
const quoted = (line) => `"${line.trim().replaceAll('"', '""')}"`;

async function upload(body, why) {
  const headers = { 'Content-Type': 'text/csv', 'X-CSRF-Token': meta('csrf') };
  const options = { method: 'POST', headers, body, signal: AbortSignal.timeout(WITHIN) };
  const response = await fetch(`/api/v1/do-not-call/list?${new URLSearchParams({ why })}`, options).catch(() => {
    throw new Problem(0);
  });
  const told = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, told);
  return told;
}

function report(form, { numbers, added, rejected }) {
  const known = numbers - added;
  const said = [ngettext('{n} number was added.', '{n} numbers were added.', added)];
  if (known) said.push(ngettext('{n} was on the list already.', '{n} were on the list already.', known));
  if (rejected.length) said.push(ngettext('{n} is no number that can be called:', '{n} are no numbers that can be called:', rejected.length));
  at('report').replaceChildren(make('p', {}, said.join(' ')));
  if (rejected.length) at('report').append(make('ul', { class: 't13' }, ...rejected.slice(0, SHOWN).map(({ text }) => make('li', { dir: 'auto' }, text || '—'))));
  if (added) at('report').append(make('a', { class: 'btn s', href: '/do-not-call' }, _('Show the list')));
  form.elements.numbers.value = '';
  form.elements.file.value = '';
}

dress(document);
