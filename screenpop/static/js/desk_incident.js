// A new incident from the call: two keys, its subject, Ctrl+Enter. Closing the form loses no text.

import { api } from './api.js';
import { offerEquipment } from './desk_equipment.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { _ } from './i18n.js';

const form = document.getElementById('incident');
const opener = document.getElementById('incident-new');
const NAMES = ['subject', 'description', 'priority'];
const drafts = new Map(); // by call: what is typed, its key, whether it isOpen
let call = null;
let card = null;

export const incidents = new EventTarget(); // tells `opened`, with the incident

/** Let the form be about the call `id` (null for none) with the customer of a card. */
export function showIncidentForm(id, ofCustomer) {
  card = ofCustomer;
  if (id === call) {
    if (!form.hidden) offerEquipment(form.elements.asset_id, card);
    return;
  }
  if (call !== null) drafts.set(call, { ...typed(), key: form.dataset.key, isOpen: !form.hidden });
  call = id;
  const draft = drafts.get(id);
  form.reset();
  form.dataset.key = draft?.key ?? newKey();
  for (const name of NAMES) if (draft) form.elements[name].value = draft[name];
  open(draft?.isOpen ?? false, draft?.asset_id);
}

/** Open the form, its subject ready to be typed; returns whether there is a call for it. */
export function openIncidentForm() {
  if (call === null) return false;
  open(true);
  form.elements.subject.focus();
  return true;
}

/** Close the form; returns whether it was open. */
export function closeIncidentForm() {
  if (form.hidden) return false;
  open(false);
  opener.focus();
  return true;
}

function open(isOpen, asset = '') {
  form.hidden = !isOpen;
  if (isOpen) offerEquipment(form.elements.asset_id, card, asset);
  opener.setAttribute('aria-expanded', String(isOpen));
}

const typed = () => Object.fromEntries(new FormData(form));

async function send(event) {
  event.preventDefault();
  const { subject, description, priority, asset_id: asset } = typed();
  if (!subject.trim()) {
    faultAt(form, 'subject', _('Say in a few words what is wrong.'));
    form.elements.subject.focus();
    return;
  }
  const body = { subject, description: description || null, priority: Number(priority), contact_id: card?.contact?.id ?? null, asset_id: asset || null };
  const of = call;
  const opened = await sent(form, () => api('POST', `/calls/${of}/incidents`, body, { key: form.dataset.key }));
  if (!opened) return;
  drafts.delete(of);
  if (of === call) {
    form.reset();
    form.dataset.key = newKey();
    closeIncidentForm();
  }
  incidents.dispatchEvent(new CustomEvent('opened', { detail: { call: of, incident: opened } }));
}

form.addEventListener('submit', send);
form.querySelector('[data-close]').addEventListener('click', closeIncidentForm);
opener.addEventListener('click', () => (form.hidden ? openIncidentForm() : closeIncidentForm()));
