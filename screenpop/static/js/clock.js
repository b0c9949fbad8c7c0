// Time as the server has it, and everything on the page that depends on it: timers, growing bars, moments.
//
//   <span data-since="INSTANT" [data-until="INSTANT"]>   a running time, 06:42; with an end it stands
//   <i data-s="12.5">, <i data-grows="INSTANT">          a piece of a call's bar; the second kind grows
//   <time datetime="INSTANT" data-moment>                14:01, yesterday 18:06, 14 Nov
//   <time datetime="INSTANT" data-clock>                 14:01:07
//   <time datetime="INSTANT" data-moment="full">         14:01, yesterday 18:06, 14 Nov 18:06

import { _, language } from './i18n.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const ahead = serverTime() - pageArrival(); // of our clock, in ms

/** Return the server's time in ms. */
export function now() {
  return Date.now() + ahead;
}

/** Return a running time: 06:42, from an hour on 1:06:42. */
export function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** Return an instant (ms) for people, in their own time zone; `isFull` tells the hour of older days too. */
export function momentText(at, isFull = false) {
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  const days = dayOf(now()) - dayOf(at);
  if (days === 0) return time;
  if (days === 1) return _('yesterday {time}', { time });
  const isOld = new Date(at).getFullYear() !== new Date(now()).getFullYear();
  const parts = { day: 'numeric', month: 'short', ...(isOld && { year: 'numeric' }) };
  const day = new Intl.DateTimeFormat(language, parts).format(at);
  return isFull ? `${day} ${time}` : day;
}

/** Return an instant (ms) as a field for day and time holds it, where the reader is. */
export function fieldText(at) {
  const here = at - new Date(at).getTimezoneOffset() * MINUTE;
  return new Date(here).toISOString().slice(0, 16);
}

/** Give everything within `root` its time and width; call it for what is put into the page later. */
export function dress(root = document) {
  for (const piece of root.querySelectorAll('[data-s]')) piece.style.setProperty('--s', piece.dataset.s);
  for (const time of root.querySelectorAll('time[data-moment]')) {
    setText(time, momentText(Date.parse(time.dateTime), time.dataset.moment === 'full'));
    time.title = new Date(time.dateTime).toLocaleString(language);
  }
  for (const time of root.querySelectorAll('time[data-clock]')) setText(time, secondText(Date.parse(time.dateTime)));
  tick(root);
}

function secondText(at) {
  const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
  return new Intl.DateTimeFormat(language, parts).format(at);
}

function tick(root) {
  for (const timer of root.querySelectorAll('[data-since]')) {
    const until = timer.dataset.until ? Date.parse(timer.dataset.until) : now();
    setText(timer, clockText((until - Date.parse(timer.dataset.since)) / SECOND));
  }
  for (const piece of root.querySelectorAll('[data-grows]')) {
    piece.style.setProperty('--s', Math.max(0.5, (now() - Date.parse(piece.dataset.grows)) / SECOND));
  }
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function dayOf(at) {
  const day = new Date(at);
  return Math.round(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / (24 * 3600 * SECOND));
}

function tickOn() {
  tick(document);
  setTimeout(tickOn, SECOND - (now() % SECOND) + 1);
}

/** Return the server's time when it sent the page. */
function serverTime() {
  return Date.parse(document.querySelector('meta[name="centralita-now"]').content);
}

/** Return our time when the page began to arrive. */
function pageArrival() {
  return performance.timeOrigin + (performance.getEntriesByType('navigation')[0]?.responseStart ?? 0);
}

dress();
tickOn();
