// What queues and numbers are called: each row saves itself; what else is kept of a line stays as it is.

import { Problem, api } from './api.js';
import { _ } from './i18n.js';

const NEW = { colour: null, greeting_es: null, greeting_en: null, caller_id: null, crm_url: null, crm_mode: 'tab', within_s: null, short_abandon_s: null, team_id: null };
const told = document.getElementById('named');

document.getElementById('names').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector('[type="submit"]');
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  told.textContent = '';
  try {
    await save(form);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    told.textContent = why(problem);
  } finally {
    button.ariaBusy = null;
  }
});

async function save(form) {
  const given = Object.fromEntries(new FormData(form));
  const { pbx, kind, code } = { ...given, ...form.dataset };
  const [name, key] = [given.name.trim(), code.trim()];
  if (!key || (!name && !form.dataset.code)) return say(_('A number and its name are needed.'));
  const path = `/lines/${[pbx, kind, key].map(encodeURIComponent).join('/')}`;
  const line = await kept(path);
  if (name) await api('PUT', path, { ...fields(line ?? NEW), name }, { version: line?.version ?? null });
  else if (line) await api('DELETE', path, undefined, { version: line.version });
  if (!form.dataset.code) return location.reload();
  return say(name ? _('{code} is called {name}.', { code: key, name }) : _('{code} has no name any more.', { code: key }));
}

/** Return the line as it is kept, null when it has no name yet. */
async function kept(path) {
  try {
    return await api('GET', path);
  } catch (problem) {
    if (problem.code !== 'not_found') throw problem;
    return null;
  }
}

function fields(line) {
  return Object.fromEntries(Object.keys(NEW).map((field) => [field, line[field]]));
}

function say(text) {
  told.textContent = text;
}

function why(problem) {
  if (problem.code === 'version_conflict') return _('Somebody was quicker. Load the page again.');
  if (problem.code === 'invalid') return _('This cannot be a name or a number.');
  return _('Centralita does not answer now ({code}). Try again.', { code: problem.code });
}
