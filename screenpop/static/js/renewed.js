// A part of the page as the server has it now, in the place of the one that stands there; the focus stays.

import { dress } from './clock.js';
import { drawn } from './desk_part.js';

/** Put the part `id` as it is now in its place, unless it `isInUse` by then; return whether that was done. */
export async function renew(id, isInUse = () => false) {
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(10_000) }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false; // what is shown stays; it is read again
  const page = drawn(await answer.text());
  if (isInUse()) return false;
  exchange(document.getElementById(id), page.getElementById(id));
  return true;
}

/** Return where the focus goes on: to the same thing, or to the page when that is gone. */
function placeFor(focused) {
  return (focused.id && document.getElementById(focused.id)) || document.getElementById('main');
}

function exchange(old, fresh) {
  if (!old || !fresh) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  if (focused) placeFor(focused).focus({ preventScroll: true });
  dress(fresh);
}
