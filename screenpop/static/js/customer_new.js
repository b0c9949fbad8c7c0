// A list of customers, and a form for a new one.

import { api } from './api.js';
import { open, whenSaved } from './record_edit.js';

const form = document.getElementById('record');
const path = form?.dataset.kind === 'account' ? '/accounts' : '/contacts';

/** Return what `record` says without the ids of rows, which new ones have not. */
function without(record) {
  return JSON.parse(JSON.stringify(record, (name, value) => (name === 'id' ? undefined : value)));
}

if (form) {
  document.getElementById('edit').addEventListener('click', () => open(null));
  whenSaved(async (record, _version, key) => {
    const { id } = await api('POST', path, without(record), { key });
    location.assign(`${path}/${id}`);
  });
}
