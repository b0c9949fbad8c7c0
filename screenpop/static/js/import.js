// One table: its columns are chosen, it is tried out, brought in, called off, taken back; how far it is, live.

import { Problem, api } from './api.js';
import { dress } from './clock.js';
import { sent } from './desk_forms.js';
import { reason } from './reasons.js';
import { renew } from './renewed.js';

const EACH = 1_000;
const UNDER_WAY = ['running', 'undoing'];
const here = document.getElementById('import');
const form = document.getElementById('how');
const path = (deed) => `/imports/${here.dataset.id}/${deed}`;

form?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const columns = Array.from(form.querySelectorAll('select[name=column]'), ({ value }) => value || null);
  const body = {
    columns,
    policy: form.elements.policy.value,
    day_order: form.elements.day_order.value,
    region: form.elements.region.value.trim().toUpperCase() || null,
    trial: event.submitter?.value !== 'no',
  };
  if (!(await sent(form, () => api('POST', path('begin'), body)))) return;
  if (body.trial) await follow();
  else location.reload();
});

document.getElementById('how-preset')?.addEventListener('change', ({ target }) => {
  if (!target.value) return;
  const columns = target.value.split(',');
  form.querySelectorAll('select[name=column]').forEach((choice, n) => { choice.value = columns[n]; });
});

here.addEventListener('click', async ({ target }) => {
  const deed = target.closest('[data-deed]')?.dataset.deed;
  if (!deed) return;
  try {
    await api('POST', path(deed), {});
    await follow();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const fault = document.getElementById('deed-err');
    fault.textContent = reason(problem);
    fault.hidden = false;
  }
});

/** Draw the state anew until nothing is under way any more. */
async function follow() {
  await renew('state');
  while (isUnderWay()) {
    await new Promise((done) => { setTimeout(done, EACH); });
    await renew('state');
  }
}

function isUnderWay() {
  return UNDER_WAY.includes(document.getElementById('shown')?.dataset.state);
}

if (isUnderWay()) follow();
dress(document);
