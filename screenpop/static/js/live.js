// The page's websocket (subprotocol centralita.v1): what happens, in order, nothing lost or heard twice.
//
//   live.addEventListener('screen_pop', ({ detail }) => …)   also: snapshot, resumed, event, screen_pop_end
//   live.addEventListener('link', ({ detail }) => …)         detail.state: up, down, stopped
//   live.start(['desk'])

import { meta, toSignIn } from './api.js';

const SUBPROTOCOL = 'centralita.v1';
const NOT_SIGNED_IN = 4001;
const NOT_ALLOWED = 4003;
const SEAT_TAKEN = 4009;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const SILENT_FOR = 25_000; // then we ask whether somebody is still there
const ANSWER_WITHIN = 5_000;

export class Live extends EventTarget {
  #address;
  #topics = [];
  #socket = null;
  #seq = null;
  #tries = 0;
  #downSince = null;
  #timer = null;
  #watch = null;

  constructor(address) {
    super();
    this.#address = address;
    addEventListener('online', () => this.retry());
    addEventListener('pagehide', () => this.#drop());
    addEventListener('pageshow', ({ persisted }) => persisted && this.retry());
  }

  /** Listen to `topics` (desk, floor, queue:NAME) from now on. */
  start(topics) {
    this.#topics = topics;
    this.#seq = null;
    this.#connect();
  }

  /** Hear nothing until `retry`. */
  stop() {
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** Connect now, instead of when the wait is over. */
  retry() {
    if (this.#topics.length && !this.#socket) this.#connect();
  }

  /** Ask for everything anew: a snapshot follows. */
  refresh() {
    this.#seq = null;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#hello();
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#drop();
    this.#downSince ??= Date.now();
    const socket = new WebSocket(this.#address, SUBPROTOCOL);
    this.#socket = socket;
    this.#watch = setTimeout(() => this.#lost(1006), ANSWER_WITHIN);
    socket.onopen = () => this.#hello();
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(data));
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
  }

  #hello() {
    this.#socket.send(JSON.stringify({ op: 'hello', topics: this.#topics, resume: this.#seq }));
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lost(1006), ANSWER_WITHIN);
  }

  #heard(message) {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#hello(), SILENT_FOR);
    const isAnswer = message.op === 'snapshot' || message.op === 'resumed';
    if (!isAnswer && !isAfter(message.seq, this.#seq)) return; // on its way when we asked again
    this.#seq = message.seq;
    if (isAnswer) this.#up();
    this.#tell(message.op, message);
  }

  #up() {
    if (this.#downSince === null) return;
    this.#tries = 0;
    this.#downSince = null;
    this.#tell('link', { state: 'up' });
  }

  #lost(code, reason = '') {
    this.#drop();
    this.#downSince ??= Date.now();
    if (code === NOT_SIGNED_IN) return toSignIn();
    if (code === NOT_ALLOWED || code === SEAT_TAKEN) {
      this.#topics = [];
      return this.#tell('link', { state: 'stopped', ...(code === SEAT_TAKEN ? seatLost(reason) : { why: 'not_allowed' }) });
    }
    // Everybody comes back after a restart: not all in the same moment.
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries);
    const wait = longest / 2 + Math.random() * longest / 2;
    this.#tries += 1;
    this.#timer = setTimeout(() => this.#connect(), wait);
    return this.#tell('link', { state: 'down', since: this.#downSince, tries: this.#tries, next: Date.now() + wait });
  }

  #drop() {
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    Object.assign(socket, { onopen: null, onmessage: null, onclose: null });
    socket.close();
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Return why a phone is no longer mine (taken, left, in use) and by whom, as the server closed with it. */
function seatLost(reason) {
  const colon = reason.indexOf(': ');
  return { why: reason.slice(0, colon), by: reason.slice(colon + 2) };
}

/** Return whether the place `seq` (EPOCH-N) comes after `last`; anything does when there was none. */
function isAfter(seq, last) {
  const [epoch, n] = split(seq);
  const [lastEpoch, lastN] = split(last ?? '-');
  return epoch !== lastEpoch || n > lastN;
}

function split(seq) {
  const at = seq.lastIndexOf('-');
  return [seq.slice(0, at), Number(seq.slice(at + 1))];
}

export const live = new Live(meta('ws'));
