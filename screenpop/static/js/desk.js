// The agent's desk: joins what the server tells with what the page shows and what the agent does.

import './desk_callbacks.js';
import { choosePerson, chosen, personOf, showContactForm } from './desk_contact.js';
import { empty, first, fromSnapshot, shownCall, withContact, withEvent, withPop, withPopEnd, without, withoutElsewhere } from './desk_calls.js';
import { showCrm } from './desk_crm.js';
import { called, confirmDial, dialled, dialling, endDial } from './desk_dial.js';
import { drawCard } from './desk_card.js';
import { closeEdit, showEdit } from './desk_contact_edit.js';
import { goToFind, showFind } from './desk_contact_find.js';
import { drawHold, holdOrResume } from './desk_hold.js';
import { drawLine } from './desk_line.js';
import { addIncident, refreshThisCall, reloadHistory, showHistory } from './desk_history.js';
import { closeIncidentForm, incidents, openIncidentForm, showIncidentForm } from './desk_incident.js';
import { listenToKeys } from './desk_keys.js';
import { refreshLists } from './desk_lists.js';
import { forgetNotes, saveNotes, showNotes } from './desk_notes.js';
import { atPhone, beReady, choosePause } from './desk_presence.js';
import { notify } from './desk_notice.js';
import { ring } from './desk_sound.js';
import { whoIs } from './desk_who.js';
import { _ } from './i18n.js';
import { live } from './live.js';

const STAYS = 3_000; // a card of a call that somebody else answered
const BUSY = new Set(['dialling', 'reserved', 'talking', 'holding', 'consulting']);
const HISTORIC = new Set(['incident.opened', 'incident.updated', 'contact.updated', 'call.relabelled']);
const at = (id) => document.getElementById(id);
const title = document.title;
let desk = empty();
let phone = null;
let peek = false;
let announced = null;

// --- what the server tells

live.addEventListener('snapshot', ({ detail }) => {
  phone = detail.desk.interface;
  atPhone(phone);
  become(fromSnapshot(desk, detail.desk));
});
live.addEventListener('screen_pop', ({ detail }) => become(withPop(desk, detail)));
live.addEventListener('screen_pop_end', ({ detail }) => {
  become(withPopEnd(desk, detail));
  if (detail.reason === 'answered_elsewhere') setTimeout(() => become(withoutElsewhere(desk, detail.call)), STAYS);
  else if (detail.reason !== 'answered') tell(_('It no longer rings.'));
});
live.addEventListener('event', ({ detail: { event } }) => {
  become(withEvent(desk, event));
  const shown = current();
  if (shown?.phase === 'talking' && event.call === shown.call.id) refreshThisCall();
  if (HISTORIC.has(event.type) && event.contact_id === shown?.card?.contact?.id) reloadHistory();
});
dialling.addEventListener('changed', draw);
chosen.addEventListener('chosen', ({ detail: { call, contact } }) => become(withContact(desk, call, contact)));
incidents.addEventListener('opened', ({ detail: { call, incident } }) => {
  if (call === current()?.call.id) addIncident(incident);
  tell(_('{number} is open: {subject}', incident));
  reloadHistory();
});

// --- what the page shows

const current = () => shownCall(desk, peek);

function become(next) {
  const before = { shown: current(), phase: current()?.phase };
  desk = next;
  if (!first(desk, 'ringing') || !first(desk, 'talking')) peek = false;
  if (BUSY.has(desk.state?.state)) confirmDial();
  else endDial();
  draw();
  if (before.shown && !current()) refreshLists();
}

function draw() {
  const shown = current();
  document.body.dataset.busy = shown || dialled() || BUSY.has(desk.state?.state) ? 'call' : '';
  drawLine(desk, { phone, dialled: dialled(), called: called() });
  drawHold(desk);
  drawCard(shown);
  showCrm(shown);
  showContactForm(shown);
  showFind(shown);
  showEdit(shown);
  const worked = shown && (shown.phase === 'talking' || shown.phase === 'over') ? shown : null;
  showNotes(worked?.call.id ?? null, desk.agent);
  showIncidentForm(worked?.call.id ?? null, worked?.card ?? null);
  if (worked) showHistory(worked);
  at('close-card').hidden = worked?.phase !== 'over';
  at('peek').setAttribute('aria-pressed', String(peek));
  nameThePage(shown);
  announce(first(desk, 'ringing'));
  notify(first(desk, 'ringing'));
  ring(first(desk, 'ringing') !== null && !first(desk, 'talking'));
}

function nameThePage(shown) {
  const ringing = first(desk, 'ringing');
  const who = shown && whoIs(shown).text;
  at('desk-title').textContent = shown ? _('Call: {who}', { who }) : _('Your calls');
  at('desk-title').classList.toggle('sr', shown !== null);
  document.title = ringing ? _('{who} is calling', { who: whoIs(ringing).text }) : shown ? `${who} · Centralita` : title;
}

/** Said once while it rings, and only this aloud at once. */
function announce(ringing) {
  const id = ringing?.call.id ?? null;
  if (id === announced) return;
  announced = id;
  if (!ringing) {
    at('told-loud').textContent = '';
    return;
  }
  const { name, company } = whoIs(ringing);
  at('told-loud').textContent = company ? _('{name}, {company}, is calling', { name, company }) : _('{who} is calling', { who: name });
}

function tell(text) {
  at('told').textContent = text;
}

// --- what the agent does

function goToLine() {
  if (!at('peek').hidden) {
    peek = !peek;
    draw();
  } else if (!at('dial').hidden) at('dial-number').focus();
  return true;
}

function choose(n) {
  const button = at('call').querySelectorAll('[data-choose]')[n - 1];
  if (button) choosePerson(current().call.id, personOf(button));
  return Boolean(button);
}

async function closeCard() {
  const shown = current();
  const isSafe = await saveNotes();
  if (shown?.phase !== 'over' || !isSafe) return;
  forgetNotes(shown.call.id);
  tell(_('Saved.'));
  become(without(desk, shown.call.id));
}

at('peek').addEventListener('click', goToLine);
at('notes-form').addEventListener('submit', (event) => {
  event.preventDefault();
  closeCard();
});
listenToKeys({ line: goToLine, hold: holdOrResume, pause: choosePause, ready: beReady, choose, find: goToFind, incident: openIncidentForm, close: () => closeIncidentForm() || closeEdit(), save: closeCard });
live.start(['desk']);
