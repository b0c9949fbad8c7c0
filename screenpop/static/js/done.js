// What was done last, and taking it back: the bar at the foot of a page, with the key U.

import { Problem } from './api.js';
import { reason } from './reasons.js';

const STANDS = 8_000;
const at = (id) => document.getElementById(id);
let back = null;
let leaving = null;
let times = 0;
let why = reason;

/**
 * Say what was done; `undo` takes it back (null when nothing does), `whyNot` says why it could not. It stays
 * under pointer and focus.
 */
export function tellDone(text, undo = null, whyNot = reason) {
  times += 1;
  back = undo;
  why = whyNot;
  at('done-text').textContent = text;
  at('undo').hidden = undo === null;
  at('done').hidden = false;
  clearTimeout(leaving);
  leaving = setTimeout(leave, STANDS);
}

function leave() {
  if (at('done').matches(':hover, :focus-within')) leaving = setTimeout(leave, STANDS / 8);
  else at('done').hidden = true;
}

async function takeBack() {
  const undo = back;
  if (!undo || at('done').hidden) return;
  const said = times;
  back = null;
  try {
    await undo();
    if (said === times) at('done').hidden = true;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tellDone(why(problem));
  }
}

at('undo')?.addEventListener('click', takeBack);
document.addEventListener('keydown', ({ key, target, ctrlKey, altKey, metaKey }) => {
  if (key !== 'u' || ctrlKey || altKey || metaKey || target.matches('input, textarea, select')) return;
  if (localStorage.getItem('centralita-single-keys') !== 'off') takeBack();
});
