// What is on record of the customer, put right beside the call. Who was slower sees both, and decides.

import { Problem, api } from './api.js';
import { chosen } from './desk_contact.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { lineFault } from './desk_line.js';
import { _ } from './i18n.js';
import { numberText } from './numbers.js';
import { make } from './parts.js';
import { reason } from './reasons.js';

const FIELDS = ['given', 'family', 'company'];
const at = (id) => document.getElementById(id);
const [panel, form] = [at('edit-contact'), at('edit')];
let shownContact = null; // its id, of the card on the page
let call = null;
let known = null; // the contact as it was read, null while the form is closed

/** Keep the form for the customer of `shown`; it closes when it is another. */
export function showEdit(shown) {
  call = shown?.call.id ?? null;
  shownContact = shown?.card?.contact?.id ?? null;
  if (known && known.id !== shownContact) closeEdit();
}

/** Close the form; return whether it was open. */
export function closeEdit() {
  const wasOpen = known !== null;
  known = null;
  panel.hidden = true;
  return wasOpen;
}

async function open() {
  const id = shownContact;
  if (known) return form.elements.given.focus(); // what was typed stays
  try {
    const contact = await api('GET', `/contacts/${id}`);
    if (id !== shownContact || known) return undefined;
    show(contact);
    panel.hidden = false;
    form.elements.given.focus();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    lineFault(reason(problem));
  }
  return undefined;
}

function show(contact) {
  known = contact;
  form.dataset.key = newKey();
  form.elements.raw.value = '';
  for (const name of FIELDS) {
    form.elements[name].value = contact[name] ?? '';
    tellNewer(name, null);
  }
  at('edit-err').hidden = true;
  at('edit-phones').replaceChildren(...contact.phones.map((one) => make('li', {}, one.e164 ? numberText(one.e164) : one.raw)));
}

async function save(event) {
  event.preventDefault();
  if (!known) return;
  if (!FIELDS.some((name) => typed(name))) {
    faultAt(form, 'given', _('A name or a company is needed.'));
    form.elements.given.focus();
    return;
  }
  const contact = await sent(form, store);
  if (!contact || contact.id !== known?.id) return;
  const name = [contact.given, contact.family].filter(Boolean).join(' ') || contact.company;
  chosen.dispatchEvent(new CustomEvent('chosen', { detail: { call, contact: { id: contact.id, name } } }));
  at('told').textContent = _('Saved.');
  closeEdit();
  document.querySelector('#card-parts [data-edit]')?.focus();
}

/** Send what was changed; null when somebody was quicker, and the form shows both. */
async function store() {
  const { id, version } = known;
  const changes = Object.fromEntries(FIELDS.filter(isChanged).map((name) => [name, name === 'company' ? typed(name) || null : typed(name)]));
  let contact = known;
  try {
    if (Object.keys(changes).length) contact = await api('PATCH', `/contacts/${id}`, changes, { version });
  } catch (problem) {
    if (problem.code !== 'version_conflict') throw problem;
    showBoth(problem.newer);
    return null;
  }
  known = contact;
  const raw = typed('raw');
  return raw ? api('POST', `/contacts/${id}/phones`, { raw }, { key: form.dataset.key }) : contact;
}

/** What the agent did not touch becomes as it is now; what both changed stands in both writings. */
function showBoth(newer) {
  const mine = FIELDS.filter(isChanged);
  for (const name of FIELDS) {
    const [now, here] = [newer[name] ?? '', form.elements[name]];
    if (!mine.includes(name)) here.value = now;
    tellNewer(name, mine.includes(name) && now !== typed(name) ? now : null);
  }
  known = newer;
  faultAt(form, null, _('Somebody else changed this contact. Save again to keep what you wrote.'));
}

function tellNewer(name, now) {
  const place = at(`edit-${name}-newer`);
  place.hidden = now === null;
  if (now === null) return place.replaceChildren();
  const take = make('button', { class: 'btn s', type: 'button' }, _('Take it'));
  take.addEventListener('click', () => {
    form.elements[name].value = now;
    tellNewer(name, null);
    form.elements[name].focus();
  });
  return place.replaceChildren(make('span', {}, _('Now on record:'), ' ', make('bdi', { class: 'strong' }, now || '—')), take);
}

const typed = (name) => form.elements[name].value.trim();
const isChanged = (name) => typed(name) !== (known[name] ?? '');

form.addEventListener('submit', save);
form.querySelector('[data-close]').addEventListener('click', closeEdit);
at('call').addEventListener('click', ({ target }) => target.closest('[data-edit]') && open());
