// A secret that is shown once, and copied.

import { tellDone } from './done.js';
import { _ } from './i18n.js';

const at = (id) => document.getElementById(id);

/** Show `secret`: the page does not tell it again. */
export function showSecret(secret) {
  at('secret-text').textContent = secret;
  at('secret').hidden = false;
  at('secret').focus();
}

at('copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(at('secret-text').textContent);
  tellDone(_('Copied.'));
});
