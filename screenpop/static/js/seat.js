// Choosing a phone: sends it, and says why it cannot be had.

import { Problem, api } from './api.js';
import { _ } from './i18n.js';

const form = document.getElementById('seat');
const button = form.querySelector('[type="submit"]');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const seat = new FormData(form).get('seat');
  if (button.ariaBusy === 'true') return;
  if (!seat) return fault(_('Choose a phone.'));
  fault('');
  button.ariaBusy = 'true';
  try {
    await api('PUT', '/seat', { seat });
    location.assign(form.dataset.next);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    fault(why(problem));
    button.ariaBusy = null;
  }
});

function why(problem) {
  switch (problem.code) {
    case 'seat_in_use':
      return _('{name} is on a call there.', { name: problem.message });
    case 'on_a_call':
      return _('You are on a call. Change your phone after it.');
    default:
      return _('Centralita does not answer now ({code}). Try again.', { code: problem.code });
  }
}

function fault(text) {
  const place = document.getElementById('form-error');
  place.lastElementChild.textContent = text;
  place.hidden = !text;
}
