// Connecting the exchange: tests what is in the form and shows what was found; keeps it.

import { Problem, api } from './api.js';
import { _ } from './i18n.js';

const form = document.getElementById('connect');
const steps = document.getElementById('steps');
const found = document.getElementById('found');
const told = document.getElementById('told');
const buttons = form.querySelectorAll('button');

form.addEventListener('submit', (event) => {
  event.preventDefault();
  ask('POST', '/exchange/test', (tried) => {
    show(tried.steps);
    told.textContent = tried.ok ? _('It can be connected.') : _('It cannot be connected like this.');
  });
});

document.getElementById('keep')?.addEventListener('click', () => {
  ask('PUT', '/exchange', () => {
    form.elements.secret.value = '';
    told.textContent = _('Kept. It counts from the next start: systemctl restart centralita');
  });
});

form.addEventListener('input', () => fault(''));

async function ask(method, path, then) {
  if (found.ariaBusy === 'true') return;
  fault('');
  told.textContent = '';
  busy(true);
  try {
    then(await api(method, path, asked()));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    fault(why(problem));
  } finally {
    busy(false);
  }
}

/** Return what the form says; a field that is empty or no number is told by the service. */
function asked() {
  const { host, port, user, secret, tls, mode } = form.elements;
  const body = { host: host.value, port: Number(port.value), user: user.value, tls: tls.checked, mode: mode.value };
  return secret.value ? { ...body, secret: secret.value } : body;
}

function show(list) {
  document.getElementById('none').hidden = true;
  steps.replaceChildren(...list.map(drawn));
}

function drawn(step) {
  const row = document.getElementById('step').content.cloneNode(true);
  row.querySelector('[data-sign]').append(document.getElementById(`sign-${step.level}`).content.cloneNode(true));
  for (const part of ['what', 'why', 'change']) {
    const place = row.querySelector(`[data-${part}]`);
    if (step[part]) place.textContent = step[part];
    else place.parentElement.matches('.t13') ? place.parentElement.remove() : place.remove();
  }
  return row;
}

function why(problem) {
  switch (problem.code) {
    case 'invalid':
      return _('Look at these fields: {names}.', { names: problem.errors.map(labelled).join(', ') });
    case 'fixed_by_settings':
      return _('The settings file names the exchange: change it there.');
    default:
      return _('Centralita does not answer now ({code}). Try again.', { code: problem.code });
  }
}

function labelled({ field }) {
  return document.querySelector(`label[for="${CSS.escape(field)}"]`)?.textContent ?? field;
}

function fault(text) {
  const place = document.getElementById('form-error');
  place.lastElementChild.textContent = text;
  place.hidden = !text;
}

function busy(is) {
  found.ariaBusy = String(is);
  for (const button of buttons) button.ariaBusy = is ? 'true' : null;
}
