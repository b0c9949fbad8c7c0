// The ring in the browser: off until somebody switches it on, and one tab of all sounds (Web Locks).

import { route } from './desk_ring_device.js';

const KEPT = 'centralita-sound';
const LOCK = 'centralita-ring';
const ON = 1; // seconds of tone
const EVERY = 3_000; // from ring to ring
const button = document.getElementById('sound');
let context = null;
let release = null; // of the lock, while this tab is the one that sounds
let isRinging = false;
let next = null;

/** Ring, or stop ringing. */
export function ring(wanted) {
  if (wanted === isRinging) return;
  isRinging = wanted;
  if (wanted) begin();
  else end();
}

function begin() {
  if (localStorage.getItem(KEPT) !== 'on' || release) return;
  const take = () => new Promise((done) => {
    if (!isRinging) return done();
    release = done;
    button.dataset.sounds = '';
    sound();
    return undefined;
  });
  if (navigator.locks) navigator.locks.request(LOCK, take);
  else take();
}

function end() {
  clearTimeout(next);
  release?.();
  release = null;
  delete button.dataset.sounds;
}

async function sound() {
  const mine = release;
  await prepare();
  if (release !== mine) return; // it rings no more, or anew
  play();
  next = setTimeout(sound, EVERY);
}

/** Have a device to sound on; one that the browser kept silent may sound once the agent has clicked somewhere. */
async function prepare() {
  context ??= new AudioContext();
  if (context.state === 'suspended') context.resume();
  await route(context);
}

function play() {
  const [tone, volume] = [context.createOscillator(), context.createGain()];
  const at = context.currentTime;
  tone.frequency.value = 425; // the ring of European exchanges, ITU-T E.180
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.15, at + 0.05);
  volume.gain.setValueAtTime(0.15, at + ON - 0.05);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + ON);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + ON);
}

function draw() {
  button.setAttribute('aria-pressed', String(localStorage.getItem(KEPT) === 'on'));
}

button.addEventListener('click', () => {
  localStorage.setItem(KEPT, localStorage.getItem(KEPT) === 'on' ? 'off' : 'on');
  draw();
  end();
  if (isRinging) begin();
});
addEventListener('storage', ({ key }) => key === KEPT && draw());
document.getElementById('ring-try').addEventListener('click', () => prepare().then(play));
button.hidden = false;
draw();
