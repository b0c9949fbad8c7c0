// What every page of the house does: tells when the connection is gone, and signs out.

import { Problem, api } from './api.js';
import './clock.js';
import { _ } from './i18n.js';
import { live } from './live.js';
import './newer.js';

const SHOWN_AFTER = 1_000; // a blink is not told
const at = (id) => document.getElementById(id);
let link = { state: 'up' };
let shown = null;

live.addEventListener('link', ({ detail }) => {
  link = detail;
  clearTimeout(shown);
  if (detail.state === 'up') return mend();
  const late = detail.state === 'down' ? Math.max(0, detail.since + SHOWN_AFTER - Date.now()) : 0;
  shown = setTimeout(tell, late);
  return undefined;
});

at('link-retry').addEventListener('click', () => {
  if (link.why === 'in use') location.assign('/seat');
  else if (link.state === 'stopped') location.reload();
  else live.retry();
});

at('sign-out')?.addEventListener('click', async ({ currentTarget }) => {
  const { then } = currentTarget.dataset;
  live.stop(); // else the end of the session would lead us back here
  if (await done('DELETE')) location.assign(then);
  else live.retry();
});

at('read')?.addEventListener('click', async ({ currentTarget }) => {
  if (await done('PATCH', { language: currentTarget.dataset.language })) location.reload();
});

setInterval(() => link.state === 'down' && !at('link').hidden && count(), 1_000);

/** Ask for a change of the session; false when it did not happen, which the menu tells. */
async function done(method, body = undefined) {
  at('menu-error').hidden = true;
  try {
    await api(method, '/session', body);
    return true;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    at('menu-error').textContent = _('That did not work: {why}', { why: problem.message });
    at('menu-error').hidden = false;
    return false;
  }
}

function mend() {
  at('link').hidden = true;
  document.querySelector('.line')?.classList.remove('lost');
}

function tell() {
  const isStopped = link.state === 'stopped';
  setText('link-told', isStopped ? told(link) : _('No connection to Centralita.'));
  setText('link-note', isStopped ? '' : _('Calls go on. What is shown may be old.'));
  setText('link-next', '');
  setText('link-retry', isStopped && link.by ? verb(link.why) : _('Try again'));
  at('link').hidden = false;
  document.querySelector('.line')?.classList.add('lost');
  if (!isStopped) count();
}

function told({ why, by }) {
  switch (why) {
    case 'taken':
      return _('{name} sits at your phone now.', { name: by });
    case 'in use':
      return _('{name} is on a call at your phone.', { name: by });
    case 'left':
      return _('{name} signed you out of your phone.', { name: by });
    default:
      return _('You may not see what this page shows.');
  }
}

function verb(why) {
  return why === 'in use' ? _('Change my phone') : _('Use it here');
}

function count() {
  const wait = Math.max(0, Math.ceil((link.next - Date.now()) / 1_000));
  const lost = Math.round((Date.now() - link.since) / 1_000);
  setText('link-next', wait ? _('for {lost} s · again in {wait} s', { lost, wait }) : _('for {lost} s · connecting', { lost }));
}

function setText(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}
