// A number that must not be called: who was told of it and asks for it again is let through.

let warned = null;

/** Return whether `number` is to be called all the same. */
export const regardless = (number) => warned === number;

/** Remember what became of the wish to call `number`; `problem` is null when it was granted. */
export function remember(number, problem) {
  warned = problem?.code === 'do_not_call' ? number : null;
}
