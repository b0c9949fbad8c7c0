// Forms of the desk: what is wrong stands at its field, and what was typed stays.

import { Problem } from './api.js';
import { _ } from './i18n.js';
import { wordsOf } from './form_faults.js';
import { reason } from './reasons.js';

/** Return a new key by which a command that is sent twice happens once. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Send `form` by `send`, one at a time; return its answer, null when it failed and the form says why. */
export async function sent(form, send) {
  if (form.getAttribute('aria-busy') === 'true') return null;
  form.setAttribute('aria-busy', 'true');
  clearFaults(form);
  try {
    return await send();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tellFaults(form, problem);
    return null;
  } finally {
    form.removeAttribute('aria-busy');
  }
}

/** Show an error at a field, or at the foot of the form when `name` is none of its fields. */
export function faultAt(form, name, text) {
  const field = form.elements[name];
  const place = document.getElementById(`${field?.id ?? form.id}-err`);
  if (field) {
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', place.id);
  }
  place.textContent = text;
  place.hidden = false;
}

function tellFaults(form, problem) {
  for (const fault of problem.errors) {
    faultAt(form, form.elements[fault.field] ? fault.field : fault.field.split('.')[0], fault.field.startsWith('phones') ? _('This is no number that can be kept.') : wordsOf(fault));
  }
  if (problem.errors.length === 0) faultAt(form, null, reason(problem));
  form.querySelector('[aria-invalid="true"]')?.focus();
}

function clearFaults(form) {
  for (const place of form.querySelectorAll('.err')) place.hidden = true;
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
}
