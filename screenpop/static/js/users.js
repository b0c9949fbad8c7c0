// The list of users, filtered as one types, and the form that gives somebody another password.

import { api } from './api.js';
import { tellDone } from './done.js';
import { tried } from './form_sent.js';
import { _ } from './i18n.js';

const another = document.getElementById('another');
const folded = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

document.getElementById('only').addEventListener('input', ({ target }) => {
  for (const row of document.querySelectorAll('#listed tbody tr')) row.hidden = !folded(row.textContent).includes(folded(target.value.trim()));
});
another?.addEventListener('submit', (event) => {
  event.preventDefault();
  tried(another, async () => {
    const field = another.querySelector('input');
    await api('PUT', another.dataset.path, { password: field.value });
    field.value = '';
    tellDone(_('The password is set.'));
  });
});
