// The floor as the websocket's topic `floor` tells it: a snapshot, then what happens. Draws nothing.

const WORKING = new Set(['talking', 'holding', 'consulting', 'dialling']);
// What brings a call into the sight of who is told of his teams' calls only: he knows nothing of it yet.
const INTO_SIGHT = new Set(['call.queued', 'call.offered', 'call.answered', 'call.transferred', 'call.merged']);
const BEFORE_TALK = new Set(['setup', 'ivr', 'wait', 'ring']);
// What a queue says of a member's phone (AMI event QueueMember, Status), for those who did not sign in here.
const BY_STATUS = {
  1: 'ready', 2: 'talking', 3: 'talking', 4: 'unreachable', 5: 'unreachable', 6: 'reserved', 7: 'talking', 8: 'holding',
};

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
    return event.type !== 'pbx.resynced' && !(INTO_SIGHT.has(event.type) && !this.calls.has(event.call));
  }

  /** Return the figures of the tiles; `longest` is the visit that waits longest, null when nobody waits. */
  figures() {
    const waits = [...this.queues.values()].flatMap((queue) => queue.waiting.map((one) => ({ ...one, pbx: queue.pbx, queue: queue.queue })));
    const states = this.people().map((one) => one.state);
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
      people: states.length,
    };
  }

  /**
   * Return everybody who takes calls: who signed in here, and the queues' other members as the exchange sees
   * them (`since` is null where nobody told). Each has pbx, interface, name, state, since, reason and call.
   */
  people() {
    const names = new Map();
    const others = new Map();
    for (const queue of this.queues.values()) {
      for (const member of queue.members) {
        const key = keyOf(queue, member.interface);
        if (member.name !== member.interface) names.set(member.agent ? `${queue.pbx}:${member.agent}` : key, member.name);
        if (!member.agent) others.set(key, { pbx: queue.pbx, ...member });
      }
    }
    const calls = this.#callsByPlace();
    return [
      ...[...this.agents.values()].map((one) => ({ ...one, name: names.get(keyOf(one, one.agent)) ?? one.agent })),
      ...[...others].map(([key, one]) => memberSeen(one, names.get(key), calls.get(key) ?? null)),
    ];
  }

  /** Return how many members of `queue` are ready among `people`, and how many it has. */
  membersOf(queue, people) {
    const ready = people.filter((one) => one.pbx === queue.pbx && one.state === 'ready');
    const isReady = (member) => ready.some((one) => (member.agent ? one.agent === member.agent : one.interface === member.interface));
    return { ready: queue.members.filter(isReady).length, all: queue.members.length };
  }

  #callsByPlace() {
    const there = new Map();
    for (const call of this.calls.values()) {
      for (const place of [...call.ringing, call.with]) there.set(keyOf(call, place), call);
    }
    return there;
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

function memberSeen({ pbx, interface: place, paused, paused_reason: reason, status }, name, call) {
  const state = paused && status === 1 ? 'paused' : BY_STATUS[status] ?? 'unreachable';
  return {
    pbx,
    interface: place,
    name: name ?? place.split('/').at(-1),
    state,
    since: call && state !== 'ready' ? call.segments.at(-1).at : null,
    reason: state === 'paused' ? reason : null,
    call: call?.id ?? null,
  };
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
      return (BEFORE_TALK.has(kind) || !call.with) && enter(call, 'ring', event.at);
    case 'call.offer_ended':
      call.ringing.delete(event.interface);
      return kind === 'ring' && !call.ringing.size && !event.reason.startsWith('answered')
        && enter(call, call.queue ? 'wait' : 'ivr', event.at);
    case 'call.answered':
      call.with = event.interface;
      return enter(call, 'talk', event.at);
    case 'call.left_queue':
      call.queue = null;
      return event.outcome !== 'answered' && BEFORE_TALK.has(kind) && enter(call, 'ivr', event.at);
    case 'call.transfer_started':
      if (event.kind === 'blind') call.with = null; // he is on his own until somebody else answers
      return undefined;
    case 'call.transferred':
      call.with = event.answered_by ?? call.with;
      return enter(call, 'talk', event.at);
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

/** Begin a segment; one that took no time is none. */
function enter(call, kind, at) {
  if (call.segments.at(-1)?.at === at) call.segments.pop();
  const last = call.segments.at(-1);
  if (last?.kind === kind) last.until = null;
  else {
    if (last) last.until = at;
    call.segments.push({ kind, at, until: null });
  }
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
