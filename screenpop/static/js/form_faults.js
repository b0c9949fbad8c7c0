// What is wrong with a form: every fault at its field, in words, and as a list on top when there are many.

import { _ } from './i18n.js';
import { make } from './parts.js';
import { reason } from './reasons.js';
import { fieldAt } from './record_form.js';

const MANY = 2;

/** Take every fault off `form`. */
export function clearFaults(form) {
  for (const place of form.querySelectorAll('.err')) place.hidden = true;
  for (const field of form.querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
  summary(form).hidden = true;
}

/** Show what `problem` says of `form`; the first wrong field, or the list on top, gets the focus. */
export function showFaults(form, problem) {
  const told = problem.errors.map((fault) => ({ fault, field: fieldAt(form, fault.field), words: wordsOf(fault) }));
  for (const { field, words } of told) if (field) mark(field, words);
  const rest = told.filter(({ field }) => !field);
  if (told.length === 0) list(form, [make('p', {}, reason(problem))]);
  else if (told.length > MANY || rest.length) list(form, [make('strong', {}, _('This cannot be saved yet:')), make('ul', {}, ...told.map(line))]);
  if (!summary(form).hidden) summary(form).focus();
  else focusOn(told[0].field);
}

function line({ field, words, fault }) {
  if (!field) return make('li', {}, `${fault.field}: ${words}`);
  const link = make('button', { class: 'link', type: 'button' }, `${nameOf(field)}: ${words}`);
  link.addEventListener('click', () => focusOn(field));
  return make('li', {}, link);
}

function list(form, inside) {
  summary(form).replaceChildren(make('div', {}, ...inside));
  summary(form).hidden = false;
}

function mark(field, words) {
  const place = field.closest('.field')?.querySelector('.err');
  if (!place) return;
  place.id ||= `err-${document.querySelectorAll('.err[id]').length}`;
  place.textContent = words;
  place.hidden = false;
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-describedby', place.id);
}

function focusOn(field) {
  field.closest('details')?.setAttribute('open', '');
  (field.matches('input, select, textarea') ? field : field.querySelector('input, select, textarea, button'))?.focus();
}

function nameOf(field) {
  return (field.labels?.[0]?.textContent || field.getAttribute('aria-label') || field.querySelector('legend')?.textContent || '').trim();
}

const summary = (form) => form.querySelector('[data-faults]');

/** Return what is wrong with a field, for people. */
export function wordsOf({ field, code }) {
  const name = field.split('.').at(-1);
  return AT[`${name} ${code}`]?.() ?? WORDS[code]?.() ?? _('This cannot be kept.');
}

const noNumber = () => _('This is no number that can be kept.');
const tooLong = () => _('This is too long.');
const needed = () => _('Something must stand here.');
const noDate = () => _('This is no date.');
const outOfBounds = () => _('This is too little or too much.');

const AT = {
  'raw string_too_short': noNumber,
  'key string_pattern_mismatch': () => _('Small letters, digits and _, a letter first.'),
  'address string_pattern_mismatch': () => _('This is no e-mail address.'),
  'country string_pattern_mismatch': () => _('Two letters, such as ES.'),
  'region string_pattern_mismatch': () => _('Two letters, such as ES.'),
  'language string_pattern_mismatch': () => _('A language such as es or ca-ES.'),
  'website string_pattern_mismatch': () => _('An address that begins with https://'),
  'begin string_pattern_mismatch': () => _('A time such as 09:00.'),
  'end string_pattern_mismatch': () => _('A time such as 09:00.'),
  'first string_pattern_mismatch': () => _('A number in full, such as +34957400000.'),
  'last string_pattern_mismatch': () => _('A number in full, such as +34957400000.'),
};
const WORDS = {
  no_number: noNumber,
  name_needed: () => _('A name or a company is needed.'),
  unknown_zone: () => _('No such time zone; one is Europe/Madrid.'),
  string_too_long: tooLong,
  too_long: tooLong,
  string_too_short: needed,
  too_short: needed,
  missing: needed,
  string_pattern_mismatch: () => _('This is not written as it must be.'),
  ends_before_it_begins: () => _('It ends before it begins.'),
  no_range: () => _('Both numbers are equally long, the lower one first.'),
  not_found: () => _('This is not there any more.'),
  cycle: () => _('A company is not above itself.'),
  date_from_datetime_parsing: noDate,
  date_parsing: noDate,
  no_number_value: () => _('This is no number.'),
  literal_error: () => _('Choose one of these.'),
  already_exists: () => _('This is there already.'),
  too_many_views: () => _('There are as many views as can be: take one away first.'),
  bad_key: () => _('Small letters, digits and _, a letter first.'),
  bad_options: () => _('A choice has options, and nothing else has.'),
  bad_regex: () => _('This pattern cannot be read.'),
  too_early: noDate,
  int_parsing: outOfBounds,
  int_type: needed,
  int_from_float: outOfBounds,
  greater_than_equal: outOfBounds,
  less_than_equal: outOfBounds,
  no_https: () => _('An address that begins with https://'),
  bad_url: () => _('This is no address that can be used.'),
  may_not_route: () => _('A supervisor says where its callers go.'),
  may_not_lift: () => _('A number here must not be called: only a supervisor can lift that.'),
  unknown: () => _('This is not there any more.'),
  oneself: () => _('Nobody can do this to himself.'),
  not_confinable: () => _('Only agents, supervisors and auditors are confined to their teams.'),
  last_administrator: () => _('One administrator must stay.'),
  not_a_member: () => _('Only one of its people leads a team.'),
  reason_needed: () => _('Say why it is not the one that impact and urgency make.'),
  in_use: () => _('An incident, a repair or a contract names it: it stays.'),
  in_repair: () => _('It is here to be repaired already.'),
  not_a_time: noDate,
  not_the_incidents: () => _('The incident is of another customer.'),
  in_future: () => _('This is yet to come.'),
  no_such_step: () => _('It cannot become that from here.'),
  not_joinable: () => _('These two cannot be joined.'),
  never_open: () => _('It is never open.'),
  overlap: () => _('These times overlap.'),
  no_hours: () => _('Times such as 09:00-14:00, with commas between.'),
  no_holidays: () => _('The public holidays there are not known.'),
  bad_categories: () => _('Only incidents have categories.'),
  other_category: () => _('This is not asked in this category.'),
  has_parts: () => _('It has parts itself.'),
  no_promise: () => _('It promises nothing.'),
};
