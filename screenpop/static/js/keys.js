// Keys of other systems: made with scopes and shown once; revoked with a reason.

import { api } from './api.js';
import { newKey } from './desk_forms.js';
import { sends } from './form_sent.js';
import { read } from './record_form.js';
import { showSecret } from './secret_once.js';

const at = (id) => document.getElementById(id);
let once = newKey();

async function make(form) {
  const { key, secret } = await api('POST', '/keys', read(form), { key: once });
  form.reset();
  once = newKey();
  at('made').textContent = key.name;
  at('made').href = `/admin/keys?edit=${key.id}`;
  showSecret(secret);
}

async function revoke(form) {
  await api('POST', `/keys/${form.dataset.id}/revocation`, read(form));
  location.reload();
}

sends(at('record'), make);
sends(at('revoke'), revoke);
