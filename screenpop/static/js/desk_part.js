// Parts of the page that the server draws.

import { Problem, toSignIn } from './api.js';
import { dress } from './clock.js';

/** Return what is drawn at `path`, ready to be put into the page. Throws a Problem. */
export async function part(path) {
  const response = await answered(path);
  if (response.type === 'opaqueredirect') toSignIn();
  if (!response.ok) throw new Problem(response.status);
  return drawn(await response.text());
}

/** Return what `html`, which our server drew, shows. */
export function drawn(html) {
  const holder = document.createElement('template');
  holder.innerHTML = html;
  return holder.content;
}

/** Let `place` show `nodes`, and give them their times and widths. */
export function fill(place, ...nodes) {
  place.replaceChildren(...nodes);
  dress(place);
}

async function answered(path) {
  try {
    return await fetch(path, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
  } catch {
    throw new Problem(0);
  }
}
