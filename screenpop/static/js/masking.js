// What is shown to whom: a role's rule is saved, and can be taken back.

import { Problem, api } from './api.js';
import { tellDone } from './done.js';
import { _ } from './i18n.js';
import { reason } from './reasons.js';

const page = document.getElementById('masking');
const kept = new Map([...page.querySelectorAll('[data-role]')].map((panel) => [panel, chosenIn(panel)]));

page.addEventListener('submit', (event) => {
  event.preventDefault();
  const panel = event.target.closest('[data-role]');
  tried(panel, async () => {
    const before = kept.get(panel);
    await save(panel, chosenIn(panel));
    tellDone(_('Saved.'), () => save(panel, before));
  });
});

function chosenIn(panel) {
  return Object.fromEntries(new FormData(panel.querySelector('form')));
}

async function save(panel, rule) {
  const { role, version } = panel.dataset;
  const now = await api('PUT', `/masking/${role}`, rule, { version });
  panel.dataset.version = now.version;
  for (const field of panel.querySelectorAll('select')) field.value = now[field.name];
  kept.set(panel, chosenIn(panel));
}

async function tried(panel, deed) {
  const fault = panel.querySelector('.err');
  fault.hidden = true;
  try {
    await deed();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    fault.textContent = reason(problem);
    fault.hidden = false;
  }
}
