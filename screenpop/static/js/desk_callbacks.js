// Customers who asked to be rung: the list is read anew when it changes, and who need not be rung is taken off.

import { Problem, api } from './api.js';
import { lineFault } from './desk_line.js';
import { refreshLists } from './desk_lists.js';
import { live } from './live.js';
import { reason } from './reasons.js';

async function finish(button) {
  button.disabled = true;
  try {
    await api('PUT', `/callbacks/${button.dataset.callbackDone}/done`);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    lineFault(reason(problem));
    button.disabled = false;
    return;
  }
  button.blur(); // a list that is used is not replaced
  refreshLists();
}

live.addEventListener('event', ({ detail: { event } }) => event.type.startsWith('callback.') && refreshLists());
document.getElementById('idle').addEventListener('click', ({ target }) => {
  const button = target.closest('[data-callback-done]');
  if (button) finish(button);
});
