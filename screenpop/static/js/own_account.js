// One's own account: another password, and the second factor set up, confirmed and taken away.

import { Problem, api } from './api.js';
import { tellDone } from './done.js';
import { _ } from './i18n.js';
import { make } from './parts.js';
import { reason } from './reasons.js';

const at = (id) => document.getElementById(id);
const FACTOR = '/me/second-factor';
let ticket = null; // what the setting up that is under way is confirmed with

whenSent('begin', ['factor-password'], async () => {
  const made = await api('POST', FACTOR, { password: at('factor-password').value });
  ({ ticket } = made);
  at('picture').src = made.picture;
  at('key').textContent = made.secret.match(/.{1,4}/g).join(' ');
  at('begin').hidden = true;
  at('show').hidden = false;
  at('code').focus();
});

whenSent('show', ['code'], async () => {
  const { items } = await api('PUT', FACTOR, { ticket, code: at('code').value });
  at('codes-list').replaceChildren(...items.map((code) => make('li', {}, code)));
  at('show').hidden = true;
  at('codes').hidden = false;
  at('codes-told').focus();
});

whenSent('password', ['old', 'new'], async () => {
  await api('PUT', '/me/password', { password: at('old').value, new_password: at('new').value });
  at('password').reset();
  tellDone(_('The password is changed.'));
});

at('remove')?.addEventListener('click', () =>
  tried(['factor-password'], async () => {
    await api('POST', `${FACTOR}/removal`, { password: at('factor-password').value });
    location.reload();
  }));

at('link')?.addEventListener('click', () =>
  tried([], async () => location.assign((await api('POST', '/me/provider', {})).url)));

at('unlink')?.addEventListener('click', () =>
  tried([], async () => {
    await api('DELETE', '/me/provider');
    location.reload();
  }));

function whenSent(form, fields, deed) {
  at(form)?.addEventListener('submit', (event) => {
    event.preventDefault();
    tried(fields, deed);
  });
}

/** Do `deed` when no field is empty; what is wrong is told at its field, the rest above. */
async function tried(fields, deed) {
  fields.forEach(clear);
  at('fault').hidden = true;
  const empty = fields.filter((id) => !at(id).value);
  if (empty.length) return empty.reverse().forEach((id) => fault(id, _('Fill this in.')));
  try {
    await deed();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(problem, fields);
  }
}

function tell(problem, fields) {
  for (const { field, code } of problem.errors) {
    if (field === 'password') return fault(fields[0], _('This is not your password.'));
    if (field === 'new_password') return fault('new', _('Take at least 8 characters.'));
    if (code === 'wrong_code') return fault('code', _('This code does not fit. Take the one that the app shows now.'));
  }
  at('fault').textContent = reason(problem);
  at('fault').hidden = false;
}

function fault(id, text) {
  const place = at(`${id}-error`);
  place.textContent = text;
  place.hidden = false;
  at(id).setAttribute('aria-invalid', 'true');
  at(id).setAttribute('aria-describedby', place.id);
  at(id).focus();
}

function clear(id) {
  at(id).removeAttribute('aria-invalid');
  at(id).removeAttribute('aria-describedby');
  at(`${id}-error`).hidden = true;
}
