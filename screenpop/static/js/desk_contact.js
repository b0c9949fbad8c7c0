// Who is calling: chosen among several people, or put on record during the talk.

import { Problem, api } from './api.js';
import { lineFault } from './desk_line.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { _ } from './i18n.js';
import { reason } from './reasons.js';

const panel = document.getElementById('new-contact');
const form = document.getElementById('contact');
const twin = document.getElementById('twin');
let call = null; // {id, number}

export const chosen = new EventTarget(); // tells `chosen`, with the call's id and the contact

/** Offer to create a contact for the caller of `shown`, when he is unknown and one talks with him. */
export function showContactForm(shown) {
  const number = shown?.call.customer ?? null;
  const isWanted = shown !== null && shown.phase !== 'ringing' && shown.phase !== 'elsewhere' && number !== null && shown.card !== null && !shown.card.contact && shown.card.people.length === 0;
  panel.hidden = !isWanted;
  if ((shown?.call.id ?? null) === call?.id) return;
  call = shown && { id: shown.call.id, number };
  form.reset();
  form.dataset.key = newKey();
  twin.hidden = true;
}

/** Say that the call `id` is with `contact` ({id, name}); the card of a live call follows by itself. */
export async function choosePerson(id, contact) {
  try {
    await api('POST', `/calls/${id}/contact`, { contact_id: contact.id });
    chosen.dispatchEvent(new CustomEvent('chosen', { detail: { call: id, contact } }));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    lineFault(_('Not chosen: {why}', { why: reason(problem) }));
  }
}

/** Return the person that a button of the card stands for. */
export function personOf(button) {
  return { id: button.dataset.choose, name: button.querySelector('.strong').textContent };
}

async function create(event) {
  event.preventDefault();
  const { given, family, company } = Object.fromEntries(new FormData(form));
  if (!(given.trim() || family.trim() || company.trim())) {
    faultAt(form, 'given', _('A name or a company is needed.'));
    form.elements.given.focus();
    return;
  }
  const of = call;
  const number = of.number.includes('•') ? { call_id: of.id } : { phones: [{ raw: of.number, is_primary: true }] };
  const body = { given, family, company: company || null, ...number };
  const made = await sent(form, () => api('POST', '/contacts', body, { key: form.dataset.key }));
  const name = [given, family].map((one) => one.trim()).filter(Boolean).join(' ') || company.trim();
  if (!made) return;
  await choosePerson(of.id, { id: made.id, name });
  await offerTwin(of.id, made.id);
}

/** Return whom a contact may be the same as; nobody when it cannot be asked. */
async function twinsOf(id) {
  try {
    return (await api('GET', `/contacts/${id}/duplicates`)).items;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return [];
  }
}

/** Say whom the new contact may be the same as, while his call is shown. */
async function offerTwin(callId, made) {
  const [likeliest] = await twinsOf(made);
  if (!likeliest || call?.id !== callId) return;
  const { first, second } = likeliest;
  document.getElementById('twin-name').textContent = (first.id === made ? second : first).name;
  document.getElementById('twin-compare').href = `/duplicates/contact/${first.id}/${second.id}`;
  twin.hidden = false;
}

form.addEventListener('submit', create);
document.getElementById('call').addEventListener('click', ({ target }) => {
  const button = target.closest('[data-choose]');
  if (button && call) choosePerson(call.id, personOf(button));
});
