// On which device the ring sounds. Kept in this browser; a device that is gone leaves the system's.

import { _ } from './i18n.js';
import { make } from './parts.js';

const KEPT = 'centralita-ring-device';
const at = (id) => document.getElementById(id);
const [list, names] = [at('ring-device'), at('ring-names')];

/** Let `context` sound on the device that was chosen. */
export async function route(context) {
  const wanted = localStorage.getItem(KEPT) ?? '';
  if (!context.setSinkId || context.sinkId === wanted) return;
  try {
    await context.setSinkId(wanted);
  } catch {
    // it is not plugged in: the system's device sounds, and the choice is kept for when it is back
  }
}

async function draw() {
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === 'audiooutput' && one.deviceId !== 'default');
  const known = devices.filter((one) => one.deviceId);
  const chosen = localStorage.getItem(KEPT) ?? '';
  list.replaceChildren(make('option', { value: '' }, _("The system's device")), ...known.map((one, n) => make('option', { value: one.deviceId }, one.label || _('Device {n}', { n: n + 1 }))));
  list.value = known.some((one) => one.deviceId === chosen) ? chosen : '';
  names.hidden = devices.every((one) => one.deviceId && one.label);
}

/** Browsers tell the devices' names only to pages that may use the microphone; it is let go at once. */
async function askForNames() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
  } catch {
    // not allowed: the list stays as it is
  }
  await draw();
}

if (navigator.mediaDevices && 'setSinkId' in AudioContext.prototype) {
  at('ring-where').hidden = false;
  at('alerts-menu').addEventListener('toggle', ({ newState }) => newState === 'open' && draw());
  list.addEventListener('change', () => localStorage.setItem(KEPT, list.value));
  names.addEventListener('click', askForNames);
}
