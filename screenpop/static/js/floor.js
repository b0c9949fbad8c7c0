// The floor as the websocket's topic `floor` tells it: a snapshot, then what happens. Draws nothing.

const WORKING = new Set(['talking', 'holding', 'consulting', 'dialling']);
const BEFORE_TALK = new Set(['setup', 'ivr', 'wait', 'ring']);

/** Everything on the floor. `calls` by id; `queues` and `agents` by exchange and name or interface. */
export class Floor {
  pbx = {};
  queues = new Map();
  agents = new Map();
  calls = new Map();

  /** Take a snapshot for the truth. */
  take({ pbx, floor }) {
    this.pbx = { ...pbx };
    this.queues = new Map(floor.queues.map((queue) => [keyOf(queue, queue.queue), queue]));
    this.agents = new Map(floor.agents.map((agent) => [keyOf(agent, agent.interface), agent]));
    this.calls = new Map(floor.calls.map(({ call, name }) => [call.id, liveCall(call, name)]));
  }

  /** Let `event` happen; `name` is the customer's, where the message tells it. False: a snapshot is needed. */
  apply(event, name = undefined) {
    const [subject] = event.type.split('.');
    if (subject === 'call') this.#call(event, name);
    else if (event.type === 'queue.changed') this.queues.set(keyOf(event, event.queue), event);
    else if (subject === 'agent') this.#agent(event);
    else if (event.type === 'pbx.connected') this.pbx[event.pbx] = true;
    else if (event.type === 'pbx.disconnected') this.pbx[event.pbx] = false;
    return event.type !== 'pbx.resynced';
  }

  /** Return the figures of the tiles; `longest` is the visit that waits longest, null when nobody waits. */
  figures() {
    const waits = [...this.queues.values()].flatMap((queue) => queue.waiting.map((one) => ({ ...one, queue: queue.queue })));
    const states = [...this.agents.values()].map((agent) => agent.state);
    const count = (wanted) => states.filter(wanted).length;
    return {
      waiting: waits.length,
      ringing: waits.filter((one) => one.ringing).length,
      longest: waits.reduce((a, b) => (a && a.since <= b.since ? a : b), null),
      working: count((state) => WORKING.has(state)),
      holding: count((state) => state === 'holding'),
      ready: count((state) => state === 'ready'),
      wrapUp: count((state) => state === 'wrap_up'),
      paused: count((state) => state === 'paused'),
      agents: states.length,
    };
  }

  /** Return how many members of `queue` are ready, and how many it has. */
  membersOf(queue) {
    const ready = queue.members.filter((one) => this.agents.get(keyOf(queue, one.interface))?.state === 'ready');
    return { ready: ready.length, all: queue.members.length };
  }

  /** Return what the exchange calls the agent at `place` ({pbx, interface, agent}), else the agent's code. */
  nameOf(place) {
    for (const queue of this.queues.values()) {
      const member = queue.members.find((one) => queue.pbx === place.pbx && one.interface === place.interface);
      if (member && member.name !== member.interface) return member.name;
    }
    return place.agent ?? place.interface.split('/').at(-1);
  }

  #agent(event) {
    const key = keyOf(event, event.interface);
    if (event.type === 'agent.logged_out') this.agents.delete(key);
    else if (event.type === 'agent.state_changed' && event.state !== 'logged_out') {
      this.agents.set(key, { ...event, since: event.at });
    }
  }

  #call(event, name) {
    if (event.type === 'call.ended') return this.calls.delete(event.call);
    if (event.type === 'call.merged') this.calls.delete(event.gone);
    if (event.type === 'call.started') this.calls.set(event.call, startedCall(event));
    if (event.type === 'call.corrected' && event.record) {
      if (event.record.ended_at) return this.calls.delete(event.call);
      this.calls.set(event.call, liveCall(event.record, this.calls.get(event.call)?.name ?? null));
    }
    const call = this.calls.get(event.call);
    if (!call || event.version < call.version) return undefined;
    call.version = event.version;
    call.number = event.customer ?? event.ani ?? call.number;
    if (name !== undefined) call.name = name;
    return step(call, event);
  }
}

/** Follow `event` in the customer's segments, as the ledger does (the snapshot has them exactly). */
function step(call, event) {
  const kind = call.segments.at(-1)?.kind;
  switch (event.type) {
    case 'call.queued':
      call.queue = event.queue;
      return enter(call, 'wait', event.at);
    case 'call.offered':
      call.ringing.add(event.interface);
      return BEFORE_TALK.has(kind) && enter(call, 'ring', event.at);
    case 'call.offer_ended':
      call.ringing.delete(event.interface);
      return kind === 'ring' && !call.ringing.size && event.reason !== 'answered'
        && enter(call, call.queue ? 'wait' : 'ivr', event.at);
    case 'call.answered':
      call.with = event.interface;
      return enter(call, 'talk', event.at);
    case 'call.left_queue':
      call.queue = null;
      return event.outcome !== 'answered' && BEFORE_TALK.has(kind) && enter(call, 'ivr', event.at);
    case 'call.transferred':
      call.with = event.answered_by ?? call.with;
      return undefined;
    case 'call.held':
      return enter(call, 'hold', event.at);
    case 'call.resumed':
      return enter(call, 'talk', event.at);
    case 'call.parked':
      return enter(call, 'park', event.at);
    default:
      return undefined;
  }
}

function enter(call, kind, at) {
  const last = call.segments.at(-1);
  if (last?.kind === kind) return;
  if (last) last.until = at;
  call.segments.push({ kind, at, until: null });
}

function startedCall(event) {
  return {
    id: event.call,
    pbx: event.pbx,
    version: event.version,
    name: null,
    number: event.customer ?? event.ani,
    startedAt: event.at,
    queue: null,
    with: null,
    ringing: new Set(),
    segments: [{ kind: event.origin.kind === 'click' ? 'setup' : 'ivr', at: event.at, until: null }],
  };
}

function liveCall(call, name) {
  const mine = call.segments.filter((one) => one.party === 'customer');
  const visit = call.visits.at(-1);
  const attempts = [...(visit?.attempts ?? []), ...call.attempts];
  return {
    id: call.id,
    pbx: call.pbx,
    version: call.version,
    name,
    number: call.customer ?? call.ani,
    startedAt: call.started_at,
    queue: visit && !visit.left_at ? visit.queue : null,
    with: mine.findLast((one) => one.with.length && one.kind !== 'ring')?.with[0] ?? null,
    ringing: new Set(attempts.filter((one) => !one.result).map((one) => one.interface)),
    segments: mine.map(({ kind, at, until }) => ({ kind, at, until })),
  };
}

function keyOf({ pbx }, name) {
  return `${pbx}:${name}`;
}
