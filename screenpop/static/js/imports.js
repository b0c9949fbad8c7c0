// A table is sent, whole and as it is; then its own page shows what is in it.

import { Problem, sendFile } from './api.js';
import { faultAt } from './desk_forms.js';
import { _ } from './i18n.js';
import { reason } from './reasons.js';

const form = document.getElementById('send');
const told = document.getElementById('send-told');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (form.getAttribute('aria-busy') === 'true') return;
  const [file] = form.elements.file.files;
  for (const place of form.querySelectorAll('.err')) place.hidden = true;
  if (!file) {
    faultAt(form, 'file', _('Choose a file.'));
    form.elements.file.focus();
    return;
  }
  form.setAttribute('aria-busy', 'true');
  told.textContent = _('Being read…');
  try {
    const sheet = await sendFile(`/imports?${new URLSearchParams({ name: file.name, kind: form.elements.kind.value })}`, file);
    location.assign(`/import/${sheet.id}`);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    faultAt(form, 'file', problem.errors[0]?.message ?? reason(problem));
  } finally {
    form.removeAttribute('aria-busy');
    told.textContent = '';
  }
});
