// Repairs of one piece, or of one incident: received, brought a step on, and the step taken back.

import { Problem, api } from './api.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { tellDone } from './done.js';
import { wordsOf } from './form_faults.js';
import { _ } from './i18n.js';
import { reason } from './reasons.js';
import { renew } from './renewed.js';

const at = (id) => document.getElementById(id);
const form = () => at('repair'); // null for who may only read, and where nothing can be received
let key = newKey();

function show(isOpen) {
  form().hidden = !isOpen;
  at('repair-new').setAttribute('aria-expanded', String(isOpen));
  (isOpen ? at('repair-fault') : at('repair-new')).focus();
}

async function receive(event) {
  const { asset, incident } = form().dataset;
  const fault = at('repair-fault').value;
  if (!fault.trim()) {
    faultAt(event.target, 'fault', _('Say in a few words what is wrong.'));
    at('repair-fault').focus();
    return;
  }
  const body = { asset_id: asset, incident_id: incident ?? null, fault };
  const kept = await sent(form(), () => api('POST', '/repairs', body, { key }).catch(atFoot));
  if (!kept) return;
  key = newKey();
  form().reset();
  show(false);
  await renew('repairs');
  tellDone(_('{number} is received', kept));
}

/** What is wrong with the piece has no field: it stands at the foot of the form. */
function atFoot(problem) {
  const fault = problem.errors?.find(({ field }) => field !== 'fault');
  if (!fault) throw problem;
  faultAt(form(), null, wordsOf(fault));
  return null;
}

async function step(button) {
  const { repair: id, version } = button.closest('[data-repair]').dataset;
  button.setAttribute('aria-busy', 'true');
  await tried(async () => {
    const after = await api('PATCH', `/repairs/${id}`, { state: button.dataset.step }, { version });
    await shown(id);
    tellDone(_('{number} is a step on', after), () => tried(async () => {
      await api('POST', `/repairs/${id}/undo`, undefined, { version: after.version });
      await shown(id);
    }));
  });
  button.removeAttribute('aria-busy');
}

/** Show how far all are; what may be next of this one has the focus. */
async function shown(id) {
  at('repairs-err').hidden = true;
  await renew('repairs');
  document.querySelector(`[data-repair="${CSS.escape(id)}"] button`)?.focus();
}

async function tried(deed) {
  try {
    await deed();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const [fault] = problem.errors;
    if (problem.newer) await renew('repairs');
    at('repairs-err').textContent = fault ? wordsOf(fault) : reason(problem);
    at('repairs-err').hidden = false;
  }
}

document.addEventListener('click', ({ target }) => {
  if (target.closest('#repair-new')) show(form().hidden);
  if (target.closest('[data-close-repair]')) show(false);
  const button = target.closest('[data-step]');
  if (button && button.getAttribute('aria-busy') !== 'true') step(button);
});
document.addEventListener('submit', (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  receive(event);
});
document.addEventListener('keydown', (event) => {
  if (event.target.id !== 'repair-fault' || !event.ctrlKey || event.key !== 'Enter') return;
  event.preventDefault();
  event.stopImmediatePropagation();
  form().requestSubmit();
});
