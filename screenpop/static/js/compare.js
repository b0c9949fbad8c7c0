// Two records side by side: made one by the choices, or said not to be the same.

import { Problem, api } from './api.js';
import { newKey } from './desk_forms.js';
import { reason } from './reasons.js';

const MERGED = 'centralita-merged';
const form = document.getElementById('compare');
const fault = document.getElementById('fault');
const { kind, stays, goes } = form.dataset;
let key = newKey();

/** Return what was chosen where both have something; where nothing is said, both are kept. */
function choices() {
  return Object.fromEntries([...new FormData(form)].filter(([, side]) => side !== ''));
}

async function merge() {
  const body = {
    kind,
    stays,
    goes,
    stays_version: Number(form.dataset.staysVersion),
    goes_version: Number(form.dataset.goesVersion),
    choices: choices(),
  };
  const { id } = await api('POST', '/merges', body, { key });
  sessionStorage.setItem(MERGED, id);
  location.assign('/duplicates');
}

async function setApart() {
  await api('POST', '/duplicates/apart', { kind, first: stays, second: goes }, { key });
  sessionStorage.setItem(`${MERGED}-not`, 'yes');
  location.assign('/duplicates');
}

async function tried(work) {
  if (form.getAttribute('aria-busy') === 'true') return;
  form.setAttribute('aria-busy', 'true');
  fault.hidden = true;
  try {
    await work();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    key = newKey();
    fault.textContent = reason(problem);
    fault.hidden = false;
  } finally {
    form.removeAttribute('aria-busy');
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  tried(merge);
});
document.getElementById('apart')?.addEventListener('click', () => tried(setApart));
document.addEventListener('keydown', ({ key: pressed, target, ctrlKey, altKey, metaKey }) => {
  if (ctrlKey || altKey || metaKey || target.matches('input:not([type="radio"]), textarea, select')) return;
  if (localStorage.getItem('centralita-single-keys') === 'off' || !document.getElementById('apart')) return;
  if (pressed === 'm') tried(merge);
  if (pressed === 'n') tried(setApart);
});
