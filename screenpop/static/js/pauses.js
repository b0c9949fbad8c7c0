// What the reasons of pauses are called; the settings name them, other programs may pause for reasons of theirs.

import { meta } from './api.js';
import { _ } from './i18n.js';

/** Names of the reasons that one can pause for, by code. */
export const pauses = JSON.parse(meta('pauses'));

/** Return what the pause for `code` is called; `code` itself where nobody knows, "" without a reason. */
export function pauseName(code) {
  if (code === 'logged_out') return _('Signed out by a supervisor');
  return (Object.hasOwn(pauses, code) && pauses[code]) || (code ?? '');
}
