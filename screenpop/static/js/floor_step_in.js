// Stepping in on the floor: pause an agent, make him ready, sign him out of his phone; what can be undone can be.

import { Problem, api } from './api.js';
import { newKey } from './desk_forms.js';
import { tellDone } from './done.js';
import { _ } from './i18n.js';
import { make } from './parts.js';
import { pauseName, pauses } from './pauses.js';
import { reason } from './reasons.js';

const at = (id) => document.getElementById(id);
const menu = at('step-in'); // null for who may only look
const commanded = new Set(menu ? JSON.parse(menu.dataset.commanded) : []);
let agent = null;

/** Return what stands in an agent's row for his name: a button where one can step in. */
export function nameOf(one) {
  if (!commanded.has(one.pbx)) return one.name;
  const button = make('button', { class: 'name cut', type: 'button', 'aria-haspopup': 'dialog' }, one.name);
  button.addEventListener('click', () => open(one));
  return button;
}

function open(one) {
  agent = one;
  menu.querySelector('[data-name]').textContent = one.name;
  menu.querySelector('[data-phone]').textContent = one.interface;
  menu.querySelector('[data-act="unpause"]').hidden = one.state === 'ready';
  menu.querySelector('[data-act="log_out"]').hidden = !one.agent || Boolean(one.call);
  fault('');
  menu.showPopover();
  menu.querySelector('button:not([hidden])').focus();
}

/** Do `act` to `one`; `before` is the reason for which he was paused until now. */
async function step(one, act, reason, before) {
  const { pbx, interface: phone } = one;
  await api('POST', '/interventions', { pbx, interface: phone, agent: one.agent ?? null, act, reason }, { key: newKey() });
  const back = backOf(act, before);
  tellDone(told(one, act, reason), back && (() => step(one, ...back, reason)), why);
}

/** Return act and reason that take `act` back; null where nothing does. */
function backOf(act, before) {
  if (act === 'log_out') return null;
  if (before !== null && Object.hasOwn(pauses, before)) return ['pause', before];
  return act === 'pause' ? ['unpause', null] : null;
}

function told({ name }, act, reason) {
  switch (act) {
    case 'pause':
      return _('{name} is paused: {reason}', { name, reason: pauseName(reason) });
    case 'unpause':
      return _('{name} is ready', { name });
    default:
      return _('{name} is signed out, the phone is paused', { name });
  }
}

function why(problem) {
  switch (problem.code) {
    case 'rejected_by_exchange':
      return _('The exchange refused it. All is as it was.');
    case 'on_a_call':
      return _('On a call: sign out after it.');
    default:
      return reason(problem);
  }
}

async function tried(control, work) {
  if (control.ariaBusy === 'true') return;
  control.ariaBusy = 'true';
  try {
    await work();
    menu.hidePopover();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (menu.matches(':popover-open')) fault(why(problem));
    else tellDone(why(problem));
  } finally {
    control.ariaBusy = null;
  }
}

function fault(text) {
  at('step-in-error').textContent = text;
  at('step-in-error').hidden = !text;
}

menu?.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-act]');
  if (!button) return;
  const before = agent.state === 'paused' ? agent.reason : null;
  tried(button, () => step(agent, button.dataset.act, button.dataset.reason ?? null, before));
});
