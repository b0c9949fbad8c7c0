// A customer's privacy: what he said is noted, his records are kept or erased; the page is drawn anew after each.

import { Problem, api } from './api.js';
import { dress } from './clock.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { _ } from './i18n.js';
import { reason } from './reasons.js';

const contact = document.getElementById('privacy').dataset.contact;
const path = (name) => `/contacts/${contact}/${name}`;
const key = newKey();
const fault = document.getElementById('hold-err');

document.getElementById('consent')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const { expires_at: ends, proof, ...said } = Object.fromEntries(new FormData(form));
  if (!said.source.trim()) {
    faultAt(form, 'source', _('Say how we know it.'));
    form.elements.source.focus();
    return;
  }
  const body = { ...said, proof: proof.trim() || null, expires_at: ends ? new Date(`${ends}T00:00:00`).toISOString() : null };
  if (await sent(form, () => api('POST', path('consents'), body, { key }))) location.reload();
});

document.getElementById('hold')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const why = form.elements.reason.value.trim();
  if (!why) {
    faultAt(form, 'reason', _('Say why they must be kept.'));
    form.elements.reason.focus();
    return;
  }
  if (await sent(form, () => api('PUT', path('legal-hold'), { reason: why }))) location.reload();
});

on('erase', 'POST', 'erasure');
on('keep', 'DELETE', 'erasure');
on('lift', 'DELETE', 'legal-hold');

function on(id, method, name) {
  document.getElementById(id)?.addEventListener('click', async () => {
    fault.hidden = true;
    try {
      await api(method, path(name), method === 'POST' ? {} : undefined);
      location.reload();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      fault.textContent = reason(problem);
      fault.hidden = false;
    }
  });
}

dress(document);
