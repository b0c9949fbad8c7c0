// A call that rings while the page is in the background is told by the system, when the agent wants it so.

import { drawn } from './desk_part.js';
import { whoIs } from './desk_who.js';
import { _, language } from './i18n.js';

const KEPT = 'centralita-notice';
const button = document.getElementById('notify');
const fault = document.getElementById('notify-err');
let told = null; // {id, who, notice} of the call that rings

/** Tell that `ringing` rings (null: nothing does). Once it is known who it is, the same notification says so. */
export function notify(ringing) {
  const id = ringing?.call.id ?? null;
  if (told && told.id !== id) {
    told.notice.close();
    told = null;
  }
  if (!ringing || (told ? told.who === whoIs(ringing).text : !isWanted() || isSeen())) return;
  told = { id, who: whoIs(ringing).text, notice: noticeOf(ringing) };
}

function noticeOf(ringing) {
  const { name, company } = whoIs(ringing);
  const brand = drawn(ringing.html).querySelector('[data-brand] bdi')?.textContent;
  const notice = new Notification(_('{who} is calling', { who: name }), {
    body: [company, brand].filter(Boolean).join(' · '),
    tag: `centralita-${ringing.call.id}`, // one for all tabs, and in place of what it said before
    lang: language,
    requireInteraction: true,
  });
  notice.addEventListener('click', () => {
    window.focus();
    notice.close();
  });
  return notice;
}

const isSeen = () => !document.hidden && document.hasFocus();
const isWanted = () => localStorage.getItem(KEPT) === 'on' && Notification.permission === 'granted';

async function change() {
  const wants = button.getAttribute('aria-pressed') !== 'true';
  const isAllowed = !wants || (await Notification.requestPermission()) === 'granted';
  fault.textContent = isAllowed ? '' : _('The browser does not allow notifications of this page.');
  fault.hidden = isAllowed;
  if (isAllowed) localStorage.setItem(KEPT, wants ? 'on' : 'off');
  draw();
}

function draw() {
  button.setAttribute('aria-pressed', String(isWanted()));
}

if ('Notification' in window && isSecureContext) {
  button.addEventListener('click', change);
  addEventListener('storage', ({ key }) => key === KEPT && draw());
  draw();
} else {
  button.hidden = true;
}
