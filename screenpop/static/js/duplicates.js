// Pairs that may be one: taken apart, and merges undone.

import { Problem, api } from './api.js';
import { tellDone } from './done.js';
import { newKey } from './desk_forms.js';
import { _ } from './i18n.js';
import { reason } from './reasons.js';

const MERGED = 'centralita-merged';
const fault = document.getElementById('fault');

async function setApart(row) {
  const { kind, first, second } = row.dataset;
  await api('POST', '/duplicates/apart', { kind, first, second }, { key: newKey() });
  row.hidden = true;
  tellDone(_('They are not the same.'), async () => {
    await api('DELETE', `/duplicates/apart/${kind}/${first}/${second}`);
    row.hidden = false;
  });
}

async function undo(id) {
  await api('POST', `/merges/${id}/undo`);
  location.reload();
}

async function tried(work) {
  fault.hidden = true;
  try {
    await work();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    fault.textContent = reason(problem);
    fault.hidden = false;
  }
}

document.addEventListener('click', ({ target }) => {
  const row = target.closest('[data-apart]')?.closest('tr');
  if (row) tried(() => setApart(row));
  const button = target.closest('[data-undo]');
  if (button) tried(() => undo(button.dataset.undo));
});

const merged = sessionStorage.getItem(MERGED);
sessionStorage.removeItem(MERGED);
if (merged) tellDone(_('Merged.'), () => undo(merged));
else if (sessionStorage.getItem(`${MERGED}-not`)) tellDone(_('They are not the same.'));
sessionStorage.removeItem(`${MERGED}-not`);
