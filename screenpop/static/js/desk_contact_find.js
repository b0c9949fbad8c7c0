// Finding who is calling among all contacts, without leaving the call. Who is found is chosen as one of several is.

import { Problem, api } from './api.js';
import { chosen } from './desk_contact.js';
import { _ } from './i18n.js';
import { numberText } from './numbers.js';
import { make } from './parts.js';
import { reason } from './reasons.js';

const SETTLES = 200; // typing
const MOST = 8;
const at = (id) => document.getElementById(id);
const [panel, form, field, list] = ['find-contact', 'find', 'find-q', 'found'].map(at);
let call = null;
let isWrong = false; // the agent says that it is somebody else than the card's
let timer = null;
let asked = 0;

/** Offer to find the caller of `shown` when nobody knows who he is, or somebody said that it is another. */
export function showFind(shown) {
  const id = shown?.call.id ?? null;
  if (id !== call) reset(id);
  panel.hidden = !(shown?.card && shown.phase !== 'elsewhere' && (isWrong || !shown.card.contact));
}

/** Go to the field; return whether it is there. */
export function goToFind() {
  if (panel.hidden && !openForAnother()) return false;
  field.focus();
  return true;
}

function openForAnother() {
  if (!document.querySelector('#card-parts [data-wrong]')) return false;
  isWrong = true;
  panel.hidden = false;
  return true;
}

function reset(id) {
  clearTimeout(timer);
  asked += 1; // an answer under way is of no use here
  call = id;
  isWrong = false;
  form.reset();
  show([], '');
}

async function find() {
  const q = field.value.trim();
  asked += 1;
  const mine = asked;
  if (!q) return show([], '');
  try {
    const { items } = await api('GET', `/contacts?${new URLSearchParams({ q, limit: MOST })}`);
    if (mine === asked) show(items, items.length ? '' : _('Nobody is found.'));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (mine === asked) show([], reason(problem));
  }
  return undefined;
}

function show(contacts, told) {
  const before = document.querySelectorAll('#card-parts [data-choose]').length; // have the keys before these
  list.replaceChildren(...contacts.map((one, n) => rowOf(one, before + n + 1)));
  at('find-told').textContent = told;
}

const numberOf = (phone) => phone && (phone.e164 ? numberText(phone.e164) : phone.raw);

function rowOf(contact, key) {
  const person = [contact.given, contact.family].filter(Boolean).join(' ');
  const name = person || contact.company;
  const beside = [person && contact.company, numberOf(contact.phones[0])].filter(Boolean).join(' · ');
  const words = make('span', { class: 'grow' }, make('span', { class: 'strong', dir: 'auto' }, name), make('span', { class: 'small muted', dir: 'auto' }, beside));
  const keyed = key <= 9 ? [make('span', { class: 'kbd', 'aria-hidden': 'true' }, String(key))] : [];
  return make('li', {}, make('button', { type: 'button', class: 'person', 'data-choose': contact.id }, ...keyed, words));
}

field.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(find, SETTLES);
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  clearTimeout(timer);
  find();
});
at('call').addEventListener('click', ({ target }) => target.closest('[data-wrong]') && goToFind());
chosen.addEventListener('chosen', ({ detail }) => {
  if (detail.call !== call) return;
  reset(call);
  panel.hidden = true;
});
