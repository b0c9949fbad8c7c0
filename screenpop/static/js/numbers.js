// Telephone numbers as people write them: a plain grouping, where the server's tables are not at hand.

import { meta } from './api.js';

// Country codes of one and two digits (ITU-T E.164); all others have three.
const COUNTRY = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})(\d+)$/;
const GROUPS = { 1: /^(\d{3})(\d{3})(\d{4})$/, 34: /^(\d{3})(\d{2})(\d{2})(\d{2})$/ };

/** Return the number `e164` for people, without its country code when that is the country `home`. */
export function numberText(e164, home = meta('home')) {
  const [, country, rest] = COUNTRY.exec(e164) ?? [];
  if (!country) return e164;
  const groups = GROUPS[country]?.exec(rest)?.slice(1) ?? rest.match(/\d{3}(?=\d{2})|\d+/g);
  return (country === home ? '' : `+${country} `) + groups.join(' ');
}
