// Webhooks: one in a form, its secret shown once, told again, and what was given up sent again.

import { Problem, api } from './api.js';
import { newKey } from './desk_forms.js';
import { tellDone } from './done.js';
import { sends } from './form_sent.js';
import { _ } from './i18n.js';
import { reason } from './reasons.js';
import { showSecret } from './secret_once.js';

const at = (id) => document.getElementById(id);
const form = at('record');
const { id, version } = form.dataset;
const path = `/webhooks/${id}`;
let key = newKey();

function body() {
  const found = {
    name: at('w-name').value.trim(),
    url: at('w-url').value.trim(),
    types: [...at('w-types').selectedOptions].map(({ value }) => value),
  };
  const active = form.querySelector('[data-field="is_active"]');
  return active ? { ...found, is_active: active.checked } : found;
}

async function save() {
  if (id) {
    await api('PATCH', path, body(), { version });
    location.reload();
    return;
  }
  const { webhook, secret } = await api('POST', '/webhooks', body(), { key });
  form.reset();
  key = newKey();
  showSecret(secret);
  list(webhook);
}

/** Put a new one into the list: the page is not drawn anew while its secret is shown. */
function list(webhook) {
  const link = document.createElement('a');
  link.className = 'btn s';
  link.href = `/webhooks?edit=${webhook.id}`;
  link.textContent = webhook.name;
  at('copy').after(link);
}

async function remove() {
  await api('DELETE', path, undefined, { version });
  location.assign('/webhooks');
}

async function tried(deed) {
  at('fault').hidden = true;
  try {
    await deed();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    at('fault').textContent = reason(problem);
    at('fault').hidden = false;
    at('fault').focus();
  }
}

sends(form, save);
at('remove')?.addEventListener('click', () => tried(remove));
at('renew')?.addEventListener('click', () => tried(async () => showSecret((await api('POST', `${path}/secret`, undefined, { key: newKey() })).secret)));
at('replay')?.addEventListener('submit', (event) => {
  event.preventDefault();
  tried(async () => {
    await api('POST', `${path}/replay`, { after: Number(at('after').value) });
    location.reload();
  });
});
at('webhooks').addEventListener('click', ({ target }) => {
  const asked = target.closest('[data-again]');
  if (!asked) return;
  tried(async () => {
    const pos = asked.dataset.again;
    await api('POST', `${path}/undelivered`, { pos: pos ? Number(pos) : null });
    asked.disabled = true;
    tellDone(_('It is sent again.'));
  });
});
