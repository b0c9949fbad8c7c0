// Where somebody is signed in: ended one by one, or all but this one; and the second factor of who lost it.

import { Problem, api } from './api.js';
import { reason } from './reasons.js';

const table = document.getElementById('sessions');

async function end(path, after) {
  const fault = document.getElementById('fault');
  fault.hidden = true;
  try {
    await api('DELETE', path);
    after();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    fault.textContent = reason(problem);
    fault.hidden = false;
  }
}

function drop(rows) {
  for (const row of rows) row.remove();
  document.getElementById('sessions-h').focus();
}

table?.addEventListener('click', ({ target }) => {
  const row = target.closest('[data-end]')?.closest('[data-id]');
  if (row) end(`${table.dataset.path}/${row.dataset.id}`, () => drop([row]));
});

document.getElementById('end-others')?.addEventListener('click', ({ currentTarget }) => {
  currentTarget.hidden = true;
  const others = [...table.querySelectorAll('[data-end]')].map((button) => button.closest('tr'));
  end(table.dataset.path, () => drop(others));
});

document.getElementById('reset')?.addEventListener('click', ({ currentTarget }) =>
  end(`/users/${encodeURIComponent(currentTarget.dataset.user)}/second-factor`, () => location.reload()));
