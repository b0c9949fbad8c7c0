// Keys of other systems: made with scopes and shown once; revoked with a reason.

import { Problem, api } from './api.js';
import { newKey } from './desk_forms.js';
import { tellDone } from './done.js';
import { clearFaults, showFaults } from './form_faults.js';
import { _ } from './i18n.js';
import { read } from './record_form.js';

const at = (id) => document.getElementById(id);
let once = newKey();

async function make(form) {
  const { key, secret } = await api('POST', '/keys', read(form), { key: once });
  form.reset();
  once = newKey();
  at('secret-text').textContent = secret;
  at('made').textContent = key.name;
  at('made').href = `/admin/keys?edit=${key.id}`;
  at('secret').hidden = false;
  at('secret').focus();
}

async function revoke(form) {
  await api('POST', `/keys/${form.dataset.id}/revocation`, read(form));
  location.reload();
}

/** Send `form` by `deed`, once at a time; what is wrong stands in it afterwards. */
function sends(form, deed) {
  form?.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.getAttribute('aria-busy') === 'true') return;
    form.setAttribute('aria-busy', 'true');
    clearFaults(form);
    try {
      await deed(form);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      showFaults(form, problem);
    } finally {
      form.removeAttribute('aria-busy');
    }
  });
  form?.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !event.ctrlKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
}

sends(at('record'), make);
sends(at('revoke'), revoke);
at('copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(at('secret-text').textContent);
  tellDone(_('Copied.'));
});
