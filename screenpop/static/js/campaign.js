// One campaign: figures read anew, stopped and let run, a list checked before it is loaded.

import { Problem, api, meta } from './api.js';
import { dress } from './clock.js';
import { fill, part } from './desk_part.js';
import { _, ngettext } from './i18n.js';
import { make } from './parts.js';
import { reason } from './reasons.js';

const EVERY = 5_000;
const UPLOAD_WITHIN = 90_000;
const SHOWN = 200; // rejected rows that are shown; the count is of all
const at = (id) => document.getElementById(id);
const page = at('campaign');
const path = `/campaigns/${page.dataset.id}`;
let isSending = false;

/** Read the figures anew, unless somebody is using them. */
async function refresh() {
  const figures = at('figures');
  if (document.hidden || figures.contains(document.activeElement)) return;
  try {
    fill(figures, await part(`${path}/figures`));
    widen();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem; // what is shown stays; it is read again
  }
}

function widen() {
  for (const bar of page.querySelectorAll('[data-v]')) bar.style.setProperty('--v', bar.dataset.v);
}

async function change() {
  const state = page.dataset.state === 'running' ? 'paused' : 'running';
  at('state').disabled = true;
  try {
    await api('PUT', `${path}/state`, { state });
    page.dataset.state = state;
    await refresh();
    at('state').focus();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    at('state').disabled = false;
    at('state-err').textContent = reason(problem);
    at('state-err').hidden = false;
  }
}

/** Send the chosen file; a dry run tells what would be done. */
async function send(isDry) {
  const file = at('load-file').files[0];
  if (!file || isSending) return;
  isSending = true;
  at('load').setAttribute('aria-busy', 'true');
  at('load-err').hidden = true;
  at('report').replaceChildren();
  at('load-now').hidden = true;
  try {
    report(await upload(file, isDry), isDry);
    if (!isDry) await refresh();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    at('load-err').textContent = fault(problem);
    at('load-err').hidden = false;
  } finally {
    isSending = false;
    at('load').removeAttribute('aria-busy');
  }
}

async function upload(file, isDry) {
  const headers = { 'Content-Type': 'text/csv', 'X-CSRF-Token': meta('csrf') };
  const options = { method: 'POST', headers, body: file, signal: AbortSignal.timeout(UPLOAD_WITHIN) };
  const response = await fetch(`/api/v1${path}/leads?dry_run=${isDry}`, options).catch(() => {
    throw new Problem(0);
  });
  const told = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, told);
  return told;
}

function report({ leads, rejected }, isDry) {
  const told = isDry
    ? ngettext('{n} contact can be loaded.', '{n} contacts can be loaded.', leads)
    : ngettext('{n} contact is loaded.', '{n} contacts are loaded.', leads);
  const left = rejected.length ? ngettext('{n} row is left out:', '{n} rows are left out:', rejected.length) : '';
  at('report').replaceChildren(make('p', {}, `${told} ${left}`));
  if (rejected.length) at('report').append(table(rejected.slice(0, SHOWN)));
  at('load-now').hidden = !isDry || leads === 0;
  at('load-now').textContent = ngettext('Load {n} contact', 'Load {n} contacts', leads);
  if (!isDry) at('load').reset();
}

function table(rows) {
  const head = make('tr', {}, make('th', { scope: 'col' }, _('Row')), make('th', { scope: 'col' }, _('Why')), make('th', { scope: 'col' }, _('Value')));
  const body = rows.map(({ line, reason: code, text }) => make('tr', {},
    make('td', { class: 'num' }, String(line)), make('td', {}, REJECTED[code]?.() ?? code), make('td', { class: 'cut', dir: 'auto' }, text)));
  const drawn = make('table', { class: 'fix' }, make('thead', {}, head), make('tbody', {}, ...body));
  return make('div', { class: 'rejected', tabindex: '0', role: 'region', 'aria-label': _('Rows that are left out') }, drawn);
}

function fault(problem) {
  if (problem.code === 'too_large') return _('Too many rows: load it in parts.');
  const why = problem.errors.find((one) => one.field === 'file');
  return why ? (UNREADABLE[why.code]?.() ?? why.code) : reason(problem);
}

const REJECTED = {
  no_number: () => _('No number'),
  bad_number: () => _('Not a number that can be called'),
  duplicate_in_file: () => _('Twice in the file'),
  already_on_list: () => _('On this list already'),
  do_not_call: () => _('Must not be called'),
  no_name: () => _('Neither a name nor a company'),
  bad_zone: () => _('Not a time zone'),
  bad_region: () => _('Not a country of two letters'),
  too_many_columns: () => _('More cells than the heading has'),
};
const UNREADABLE = {
  not_text: () => _('This is no text file: save the sheet as CSV.'),
  empty: () => _('There is nobody in the file.'),
  no_number_column: () => _('No column is called phone, mobile or number.'),
  too_many_rows: () => _('Too many rows: load it in parts.'),
  too_wide: () => _('Too many columns.'),
  not_csv: () => _('This is no CSV file.'),
};

page.addEventListener('click', ({ target }) => target.closest('#state') && change());
at('load-file').addEventListener('change', () => send(true));
at('load').addEventListener('submit', (event) => {
  event.preventDefault();
  send(false);
});
send(true); // a file that was chosen before this ran
widen();
dress(page);
setInterval(refresh, EVERY);
