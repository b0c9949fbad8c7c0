// Where somebody is signed in: ended one by one, or all but this one.

import { Problem, api } from './api.js';
import { reason } from './reasons.js';

const table = document.getElementById('sessions');

async function end(path, rows) {
  const fault = document.getElementById('fault');
  fault.hidden = true;
  try {
    await api('DELETE', path);
    for (const row of rows) row.remove();
    table.closest('section').querySelector('h2').focus();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    fault.textContent = reason(problem);
    fault.hidden = false;
  }
}

table?.addEventListener('click', ({ target }) => {
  const row = target.closest('[data-end]')?.closest('[data-id]');
  if (row) end(`${table.dataset.path}/${row.dataset.id}`, [row]);
});

document.getElementById('end-others')?.addEventListener('click', ({ currentTarget }) => {
  currentTarget.hidden = true;
  end(table.dataset.path, [...table.querySelectorAll('[data-end]')].map((button) => button.closest('tr')));
});
