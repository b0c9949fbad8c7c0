// What the agent writes about a call: kept in this tab at every key, saved by the server a moment later.
//
// Nothing typed is lost: what could not be saved stays in sessionStorage and is sent when the link is back, also
// after a reload and also when another call is on the page by then. Other tabs of this desk show the same words.

import { Problem, api } from './api.js';
import { now } from './clock.js';
import { _, language } from './i18n.js';
import { live } from './live.js';
import { icon } from './parts.js';

const KEPT = 'centralita-notes:';
const PAUSE = 700; // of typing, after which it is saved
const AGAIN = 5_000;
const UNKNOWN = 12; // times, a minute
const at = (id) => document.getElementById(id);
const tabs = new BroadcastChannel('centralita-notes');
let shown = null; // the id of the call whose notes are in the fields
let timer = null;
let again = null;
let saving = Promise.resolve();
const unknown = new Map(); // by call: how often the server did not know it

/** Let the fields hold what `agent` wrote about the call `id`; null for none. */
export async function showNotes(id, agent) {
  if (id === shown) return;
  shown = id;
  clearTimeout(timer);
  saveAll();
  put(kept(id) ?? { notes: '', disposition: '' });
  tellState(kept(id));
  if (id !== null && !kept(id)?.dirty) await askWhatWasWritten(id, agent);
}

/** Save what is in the fields; returns whether it is safe with the server. */
export async function saveNotes() {
  clearTimeout(timer);
  await saveAll();
  return !kept(shown)?.dirty;
}

/** Forget what is kept here of the call `id`, whose card was closed. */
export function forgetNotes(id) {
  if (!kept(id)?.dirty) sessionStorage.removeItem(KEPT + id);
}

/** Ask the other tabs and the server; who is asked first and answers last may not take back what was typed. */
async function askWhatWasWritten(id, agent) {
  const before = sessionStorage.getItem(KEPT + id);
  tabs.postMessage({ asks: id });
  const call = await api('GET', `/calls/${id}`).catch(() => null); // then the fields stay as they are
  const work = call?.work.find((one) => one.agent === agent);
  if (!work || shown !== id || sessionStorage.getItem(KEPT + id) !== before) return;
  put({ notes: work.notes ?? '', disposition: work.disposition ?? '' });
  keep(id, { ...fields(), dirty: false, savedAt: Date.parse(work.saved_at) });
  tellState(kept(id));
}

function typed() {
  keep(shown, { ...fields(), dirty: true });
  tabs.postMessage({ call: shown, ...fields() });
  tellState(kept(shown));
  clearTimeout(timer);
  timer = setTimeout(saveAll, PAUSE);
}

/** Save everything that is not saved yet, one after the other. */
function saveAll() {
  clearTimeout(again);
  saving = saving.catch(() => null).then(async () => {
    for (const id of unsaved()) await save(id);
  });
  return saving;
}

async function save(id) {
  const { notes, disposition } = kept(id);
  try {
    await api('PUT', `/calls/${id}/work`, { notes: notes || null, disposition: disposition || null });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const mayComeRight = isPassing(id, problem);
    if (id === shown) tellState(kept(id), mayComeRight ? null : problem);
    if (mayComeRight) again = setTimeout(saveAll, AGAIN);
    return;
  }
  const after = kept(id);
  if (after.notes !== notes || after.disposition !== disposition) return; // typed on meanwhile: saved next
  if (id === shown) keep(id, { ...after, dirty: false, savedAt: now() });
  else sessionStorage.removeItem(KEPT + id);
  if (id === shown) tellState(kept(id));
}

/** Whether it may be saved later. A call that has just ended may not be in the records yet. */
function isPassing(id, { status }) {
  if (status === 404) unknown.set(id, (unknown.get(id) ?? 0) + 1);
  return status === 0 || status === 429 || status >= 500 || (status === 404 && unknown.get(id) <= UNKNOWN);
}

function unsaved() {
  const ids = Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT)).map((key) => key.slice(KEPT.length));
  return ids.filter((id) => kept(id).dirty);
}

function kept(id) {
  return JSON.parse(sessionStorage.getItem(KEPT + id) ?? 'null');
}

function keep(id, what) {
  sessionStorage.setItem(KEPT + id, JSON.stringify(what));
}

function fields() {
  return { notes: at('notes').value, disposition: at('outcome').value };
}

function put({ notes, disposition }) {
  at('notes').value = notes;
  at('outcome').value = disposition;
}

/** Say how safe the words are; `problem` is why they will not be saved. */
function tellState(what, problem = null) {
  const [sign, css, text] = stateOf(what, problem);
  if (at('saved').textContent === text) return;
  at('saved').replaceChildren(...(text ? [icon(sign, css), text] : []));
}

function stateOf(what, problem) {
  if (problem) return ['octagon-alert', 'i-danger', _('not saved: {why}', { why: problem.message })];
  if (what?.dirty) return ['check', 'i-wait', _('kept in this browser')];
  if (!what?.savedAt) return ['', '', ''];
  return ['check', 'i-ready', _('saved {time}', { time: new Date(what.savedAt).toLocaleTimeString(language) })];
}

tabs.onmessage = ({ data }) => {
  if (data.asks && data.asks === shown && kept(shown)) tabs.postMessage({ call: shown, ...fields() });
  if (data.call !== shown || shown === null || at('notes-form').contains(document.activeElement)) return;
  put(data);
  keep(shown, { ...fields(), dirty: false });
};
at('notes').addEventListener('input', typed);
at('outcome').addEventListener('input', typed);
live.addEventListener('link', ({ detail }) => detail.state === 'up' && saveAll());
saveAll();
