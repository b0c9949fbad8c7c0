// After an upgrade a page is of an older version than the service. It loads itself anew as soon as nobody works on
// it; until then a quiet line says so. It does that once for a version: what a proxy kept back would come again.

import { meta } from './api.js';
import { _ } from './i18n.js';
import { live } from './live.js';

const LOADED = 'centralita-loaded';
const LOOK_EVERY = 1_000;
const QUIET_FOR = 3_000; // without a key or a click
const at = (id) => document.getElementById(id);
let newer = null;
let touched = 0;

live.addEventListener('snapshot', ({ detail }) => {
  newer = detail.version === meta('version') ? null : detail.version;
  if (newer === null) at('newer').hidden = true;
  else act();
});
for (const kind of ['keydown', 'pointerdown', 'input']) document.addEventListener(kind, () => { touched = Date.now(); }, true);
at('newer-load').addEventListener('click', load);
setInterval(() => newer !== null && act(), LOOK_EVERY);

function act() {
  const mayLoad = sessionStorage.getItem(LOADED) !== newer;
  if (mayLoad && Date.now() - touched > QUIET_FOR && isIdle()) return load();
  at('newer-told').textContent = mayLoad ? _('A new version is there: it loads when you are done.') : _('A new version is there.');
  at('newer').hidden = false;
  return undefined;
}

function load() {
  sessionStorage.setItem(LOADED, newer);
  location.reload();
}

/** Return whether nobody works here: no call, nothing typed that is not kept, no dialog, nothing to be undone. */
function isIdle() {
  if (document.body.dataset.busy || document.querySelector('dialog[open], :popover-open, [aria-busy="true"]')) return false;
  if (at('done') && !at('done').hidden) return false;
  return ![...document.querySelectorAll('input, textarea, select')].some(isTyped);
}

function isTyped(field) {
  if (!field.checkVisibility()) return false;
  if (field.tagName === 'SELECT') return [...field.options].some((one) => one.selected !== one.defaultSelected && !isFirst(field, one));
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

/** A choice of which nothing was selected beforehand shows its first option. */
function isFirst({ options }, one) {
  return one.index === 0 && ![...options].some((each) => each.defaultSelected);
}
