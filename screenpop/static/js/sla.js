// Clocks of promises: how long there is left, how long it is late or held. They look once in fifteen seconds.
//
//   <span class="sla" data-due="INSTANT" [data-warn="INSTANT"]><svg><use/></svg><time></time></span>
//   <span class="sla held" data-held="INSTANT"><svg/><span></span></span>

import { momentText, now } from './clock.js';
import { _, language } from './i18n.js';

const EVERY = 15_000;
const MINUTE = 60_000;
const [HOUR, DAY] = [60 * MINUTE, 24 * 60 * MINUTE];
const NEAR = 5 * HOUR; // what is nearer is told as a span, what is farther by its time

/** Return a span in ms as people say it: 48 min, 3 h 20, 19 h, 2 d. */
export function spanText(ms) {
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours >= 24) return `${Math.floor(hours / 24)} d`;
  return rest && hours < 10 ? `${hours} h ${String(rest).padStart(2, '0')}` : `${hours} h`;
}

/** Let every clock within `root` say how it stands now. */
export function lookAtClocks(root = document) {
  for (const clock of root.querySelectorAll('.sla[data-due]')) runs(clock);
  for (const clock of root.querySelectorAll('.sla[data-held]')) {
    clock.lastElementChild.textContent = _('held {span}', { span: spanText(now() - Date.parse(clock.dataset.held)) });
  }
}

function runs(clock) {
  const due = Date.parse(clock.dataset.due);
  const left = due - now();
  const isWarned = clock.dataset.warn && now() >= Date.parse(clock.dataset.warn);
  const look = left < 0 ? 'late' : isWarned ? 'warn' : '';
  clock.className = `sla ${look}`.trim();
  clock.querySelector('use').setAttribute('href', `#i-${{ late: 'octagon-alert', warn: 'hourglass' }[look] ?? 'clock'}`);
  const time = clock.querySelector('time');
  time.textContent = left < 0 ? _('late {span}', { span: spanText(-left) }) : left < NEAR ? _('{span} left', { span: spanText(left) }) : dueText(due);
  time.title = new Date(due).toLocaleString(language);
}

/** Return an instant to come: 18:00, tomorrow 11:00, Tue 12:00, 14 Dec. */
function dueText(at) {
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  const days = Math.round((midnight(at) - midnight(now())) / DAY);
  if (days === 0) return time;
  if (days === 1) return _('tomorrow {time}', { time });
  if (days < 7) return `${new Intl.DateTimeFormat(language, { weekday: 'short' }).format(at)} ${time}`;
  return momentText(at);
}

function midnight(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}

lookAtClocks();
setInterval(lookAtClocks, EVERY);
