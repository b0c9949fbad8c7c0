// Whom a call is with, in words.

import { _ } from './i18n.js';

/** Return `{name, company, text}` of who is at the other end of `shown`; `text` is both in one line. */
export function whoIs(shown) {
  const { card, call } = shown;
  const company = card?.account?.name ?? null;
  const name = card?.contact?.name ?? company ?? nameless(call);
  return { name, company: company === name ? null : company, text: company && company !== name ? `${company} · ${name}` : name };
}

/** Return the phone's own name: agent101 of PJSIP/agent101. */
export function phoneName(phone) {
  return phone.slice(phone.indexOf('/') + 1);
}

/** Return the number or internal name of a caller without a card, as the card in the page writes it. */
function nameless(call) {
  return call.customer ?? call.ani ?? (call.direction === 'internal' ? (call.ani_name || call.ani_raw) : null) ?? _('Number withheld');
}
