// What happens at this desk's phone, as the server tells it. Pure: takes what was and what was told, gives what is.
//
// A call here is {call, card, html, interface, phase, since, by}: `phase` is ringing, talking, over (hung up, its
// card stays for the notes) or elsewhere (somebody else, `by`, answered it); `since` is when the phase began;
// `named` is who it was, said after the call, when no new card comes.

/** A desk at which nothing happens. */
export const empty = () => ({ agent: null, state: null, calls: [] });

/** What a snapshot says. A call that was being talked about and is gone ended while nobody told us. */
export function fromSnapshot(before, desk) {
  const calls = desk.calls.map((shown) => ({
    call: shown.call,
    card: shown.card,
    html: shown.html,
    interface: shown.interface,
    phase: shown.is_ringing ? 'ringing' : 'talking',
    since: shown.is_ringing ? ringingSince(shown.call, shown.interface) : talkingSince(before, shown.call),
    by: null,
  }));
  const kept = before.calls.filter((one) => !calls.some((now) => now.call.id === one.call.id));
  const over = kept.filter((one) => one.phase === 'talking' || one.phase === 'over');
  return { agent: desk.agent, state: desk.state, calls: [...calls, ...over.map((one) => ({ ...one, phase: 'over' }))] };
}

/** A card pops up, or takes the place of the one that was there for the same call. */
export function withPop(before, pop) {
  const gone = pop.replaces ?? pop.call.id;
  const known = find(before, pop.call.id) ?? find(before, gone);
  const phase = phaseOf(before, known, pop);
  const shown = {
    call: pop.call,
    card: pop.card,
    html: pop.html,
    interface: pop.interface,
    phase,
    since: known?.phase === phase ? known.since : pop.event.at,
    by: null,
  };
  const others = before.calls.filter((one) => one.call.id !== pop.call.id && one.call.id !== gone);
  return withEvent({ ...before, calls: [shown, ...others] }, pop.event);
}

/** It no longer rings here. */
export function withPopEnd(before, end) {
  const was = find(before, end.call);
  if (!was) return before;
  if (end.reason === 'answered') return replaced(before, { ...was, phase: 'talking', since: end.event.at });
  if (was.phase !== 'ringing') return before;
  if (end.reason === 'answered_elsewhere') {
    return replaced(before, { ...was, phase: 'elsewhere', since: end.event.at, by: end.answered_by });
  }
  return without(before, end.call);
}

/** Something happened; most of it concerns others. */
export function withEvent(before, event) {
  if (event.type === 'agent.state_changed') return withState(before, event);
  if (event.type === 'call.ended') {
    const was = find(before, event.call);
    if (was?.phase === 'over') return replaced(before, { ...was, call: event.record }); // my phone was free before it ended
    return was?.phase === 'talking' ? replaced(before, over({ ...was, call: event.record }, event.at)) : before;
  }
  if (event.type === 'agent.logged_out' && event.agent === before.agent) return { ...before, state: null };
  return before;
}

/** The desk without a call that somebody else answered, unless it is back meanwhile. */
export const withoutElsewhere = (desk, id) => (find(desk, id)?.phase === 'elsewhere' ? without(desk, id) : desk);

/** The desk without one call. */
export const without = (desk, id) => ({ ...desk, calls: desk.calls.filter((one) => one.call.id !== id) });

/**
 * The desk after somebody said who the caller of a call is. A live call gets a card by itself; what is over is named
 * here, and so is an older one of the same stranger.
 */
export function withContact(before, id, contact) {
  const number = find(before, id)?.call.customer;
  const isStranger = ({ call, card }) => number && call.customer === number && !card?.contact && !card?.people?.length;
  const named = (one) => ({ ...one, card: { ...one.card, contact, people: [] }, named: contact.name });
  const isHis = (one) => one.phase === 'over' && (one.call.id === id || isStranger(one));
  return { ...before, calls: before.calls.map((one) => (isHis(one) ? named(one) : one)) };
}

/** The newest call in a phase. */
export const first = (desk, phase) => desk.calls.find((one) => one.phase === phase) ?? null;

/** The call whose card is on the page; `peek` shows who rings during a talk. */
export function shownCall(desk, peek) {
  const [talking, ringing] = [first(desk, 'talking'), first(desk, 'ringing')];
  if (talking && ringing && peek) return ringing;
  return talking ?? ringing ?? first(desk, 'elsewhere') ?? first(desk, 'over');
}

const find = (desk, id) => desk.calls.find((one) => one.call.id === id);
const replaced = (desk, now) => ({ ...desk, calls: desk.calls.map((one) => (one.call.id === now.call.id ? now : one)) });
const over = (shown, at) => ({ ...shown, phase: 'over', since: at });

function withState(before, event) {
  if (event.agent !== before.agent) return before;
  const { state, at: since, reason, call, is_kept } = event;
  const calls = before.calls.map((one) => (one.phase === 'talking' && one.call.id !== call ? over(one, since) : one));
  return { ...before, state: { state, since, reason, call, is_kept }, calls };
}

function phaseOf(before, known, pop) {
  if (pop.event.type === 'call.offered') return 'ringing';
  if (pop.event.type === 'agent.state_changed') return 'talking';
  return known?.phase ?? (before.state?.call === pop.call.id && before.state.state !== 'reserved' ? 'talking' : 'ringing');
}

function ringingSince(call, phone) {
  const attempts = [...call.visits.flatMap((visit) => visit.attempts), ...call.attempts];
  return attempts.findLast((one) => one.interface === phone)?.started_at ?? call.started_at;
}

function talkingSince(before, call) {
  const known = find(before, call.id);
  return known?.phase === 'talking' ? known.since : (call.answered_at ?? call.started_at);
}
