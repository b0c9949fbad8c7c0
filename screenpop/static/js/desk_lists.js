// What was missed here and my last calls, between two calls.

import { Problem } from './api.js';
import { fill, part } from './desk_part.js';
import { live } from './live.js';

const EVERY = 30_000;
const SETTLES = 1_500; // a call that ended is stored within this time
const idle = document.getElementById('idle');

/** Read the lists anew: now, and once more when what has just ended is stored. */
export function refreshLists() {
  read();
  setTimeout(read, SETTLES);
}

async function read() {
  if (idle.hidden || document.hidden) return;
  try {
    const told = await part('/desk/lists');
    if (!idle.contains(document.activeElement)) fill(idle, told);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem; // what is shown stays; it is read again
  }
}

// A call that rang here may be lost at somebody else's phone later, and no desk is told of that.
setInterval(read, EVERY);
document.addEventListener('visibilitychange', read);
live.addEventListener('link', ({ detail }) => detail.state === 'up' && read());
idle.addEventListener('click', ({ target }) => target.closest('[data-again]') && read());
