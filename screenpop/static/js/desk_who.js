// Whom a call is with, in words.

import { drawn } from './desk_part.js';
import { _ } from './i18n.js';

/** Return `{name, company, text}` of who is at the other end of `shown`; `text` is both in one line. */
export function whoIs(shown) {
  const { card, call } = shown;
  const company = card?.account?.name ?? null;
  const name = card?.contact?.name ?? company ?? nameless(shown);
  return { name, company: company === name ? null : company, text: company && company !== name ? `${company} · ${name}` : name };
}

/** Return the phone's own name: agent101 of PJSIP/agent101. */
export function phoneName(phone) {
  return phone.slice(phone.indexOf('/') + 1);
}

/** Return how the card in the page names a caller whom nobody knows, so that his number is written one way. */
function nameless({ html, call }) {
  return drawn(html).querySelector('[data-name]')?.textContent ?? call.customer ?? _('Number withheld');
}
