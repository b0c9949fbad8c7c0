// What a call is asked for by; and a number that must not be called: who was told of it and asks again is let through.

const HIDDEN = '•';
let warned = null;

/** Return what a call is asked for by: the number of `button`, or what has it where that is not shown. */
export function wishOf({ dataset }) {
  const { dial: number, phone, callback, call } = dataset;
  if (!number.includes(HIDDEN)) return { number };
  if (phone) return { phone_id: phone };
  return callback ? { callback_id: callback } : { call_id: call };
}

/** Return whether what is asked for by `wish` is to be called all the same. */
export const regardless = (wish) => warned === keyOf(wish);

/** Remember what became of `wish`; `problem` is null when it was granted. */
export function remember(wish, problem) {
  warned = problem?.code === 'do_not_call' ? keyOf(wish) : null;
}

const keyOf = (wish) => Object.values(wish).join(' ');
