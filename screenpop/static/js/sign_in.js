// The sign-in: sends the form, and says at the field what is wrong with it.

import { Problem, api } from './api.js';
import { _, ngettext } from './i18n.js';

const form = document.getElementById('sign-in');
const first = [form.elements.name, form.elements.password];
let fields = first; // those of the step that is shown
const button = form.querySelector('[type="submit"]');
let openAt = 0; // too many tries: nothing is sent before

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (button.ariaBusy === 'true' || Date.now() < openAt) return;
  forget();
  const empty = fields.filter((field) => !field.value);
  if (empty.length) return empty.reverse().forEach((field) => fault(field, _('Fill this in.')));
  button.ariaBusy = 'true';
  try {
    const me = await api('POST', '/session', given());
    const { next } = form.dataset;
    location.assign(me.agent ? `/seat?next=${encodeURIComponent(next)}` : next);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(problem);
    button.ariaBusy = null;
  }
});

/** Return what is sent: the code only when it was asked for. */
function given() {
  const { name, password, code } = form.elements;
  const both = { name: name.value, password: password.value };
  return fields === first ? both : { ...both, code: code.value };
}

/** Ask for the code in place of name and password, which are sent with it once more. */
function askForCode() {
  for (const field of form.querySelectorAll('.first')) field.hidden = true;
  document.getElementById('second').hidden = false;
  fields = [form.elements.code];
  form.elements.code.focus();
}

document.getElementById('show').addEventListener('click', ({ currentTarget }) => {
  const isShown = form.elements.password.type === 'text';
  form.elements.password.type = isShown ? 'password' : 'text';
  currentTarget.ariaPressed = String(!isShown);
});

form.addEventListener('input', ({ target }) => clear(target));

function tell(problem) {
  if (problem.code === 'code_wanted') {
    askForCode();
  } else if (problem.code === 'wrong_code') {
    fault(form.elements.code, _('This code does not fit, or was used already.'));
    form.elements.code.select();
  } else if (problem.code === 'wrong_credentials' || problem.code === 'invalid') {
    fault(form.elements.password, _('User or password is wrong.'));
    form.elements.password.select();
  } else if (problem.code === 'too_many_tries') {
    wait(problem.retryAfter ?? 60);
  } else if (problem.status === 0 || problem.status >= 500) {
    whole(_('Centralita does not answer now ({code}). Try again.', { code: problem.code }));
  } else {
    whole(_('Not signed in ({code}).', { code: problem.code }));
  }
}

/** Count down until the next try may be made. */
function wait(seconds) {
  openAt = Date.now() + seconds * 1_000;
  whole(ngettext('Too many tries. Wait {n} second.', 'Too many tries. Wait {n} seconds.', seconds));
  button.ariaDisabled = 'true';
  setTimeout(() => {
    button.ariaDisabled = null;
    whole('');
  }, seconds * 1_000);
}

function fault(field, text) {
  const place = document.getElementById(`${field.id}-error`);
  place.lastElementChild.textContent = text;
  place.hidden = false;
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-describedby', place.id);
  field.focus();
}

function clear(field) {
  field.removeAttribute('aria-invalid');
  field.removeAttribute('aria-describedby');
  document.getElementById(`${field.id}-error`).hidden = true;
}

function whole(text) {
  const place = document.getElementById('form-error');
  place.lastElementChild.textContent = text;
  place.hidden = !text;
}

function forget() {
  fields.forEach(clear);
  whole('');
}
