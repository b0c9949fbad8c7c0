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
const at = (id) => document.getElementById(id);
const tabs = new BroadcastChannel('centralita-notes');
let shown = null; // the id of the call whose notes are in the fields
let timer = null;
let saving = null;

/** Let the fields hold what `agent` wrote about the call `id`; null for none. */
export async function showNotes(id, agent) {
  if (id === shown) return;
  shown = id;
  clearTimeout(timer);
  saveAll();
  put(kept(id) ?? { notes: '', disposition: '' });
  tellState(kept(id));
  if (id !== null && !kept(id)) await askWhatWasWritten(id, agent);
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

async function askWhatWasWritten(id, agent) {
  tabs.postMessage({ asks: id });
  const call = await api('GET', `/calls/${id}`).catch(() => null); // then the fields stay empty, ready to be filled
  const work = call?.work.find((one) => one.agent === agent);
  if (work && shown === id && !kept(id)) put({ notes: work.notes ?? '', disposition: work.disposition ?? '' });
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
  saving = (saving ?? Promise.resolve()).then(async () => {
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
    if (id === shown) tellState(kept(id), problem);
    if (mayComeRight(problem)) setTimeout(saveAll, AGAIN);
    return;
  }
  const after = kept(id);
  if (after.notes !== notes || after.disposition !== disposition) return; // typed on meanwhile: saved next
  if (id === shown) keep(id, { ...after, dirty: false, savedAt: now() });
  else sessionStorage.removeItem(KEPT + id);
  if (id === shown) tellState(kept(id));
}

/** A call that has just ended may not be in the records yet: not found is no verdict. */
const mayComeRight = ({ status }) => status === 0 || status === 404 || status === 429 || status >= 500;

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

function tellState(what, problem = null) {
  const place = at('saved');
  if (problem && !mayComeRight(problem)) place.replaceChildren(icon('octagon-alert', 'i-danger'), _('not saved: {why}', { why: problem.message }));
  else if (problem) place.replaceChildren(icon('check', 'i-wait'), _('kept in this browser'));
  else if (what?.savedAt && !what.dirty) place.replaceChildren(icon('check', 'i-ready'), _('saved {time}', { time: new Date(what.savedAt).toLocaleTimeString(language) }));
  else place.replaceChildren();
}

tabs.onmessage = ({ data }) => {
  if (data.asks && data.asks === shown && kept(shown)) tabs.postMessage({ call: shown, ...fields() });
  if (data.call !== shown || shown === null || at('notes-form').contains(document.activeElement)) return;
  put(data);
};
at('notes').addEventListener('input', typed);
at('outcome').addEventListener('input', typed);
live.addEventListener('link', ({ detail }) => detail.state === 'up' && saveAll());
saveAll();
