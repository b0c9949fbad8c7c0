// Words in the page's language, and how states look: both come with the page, in the element #words.

const { words, looks } = JSON.parse(document.getElementById('words').textContent);

export const language = document.documentElement.lang;
export { looks };

/** Return `text` in the page's language; `{name}` in it becomes values.name. */
export function _(text, values = {}) {
  return filled(words[text] ?? text, values);
}

/** Return `one` or `many` as `n` asks for, in the page's language; `{n}` becomes the number. */
export function ngettext(one, many, n, values = {}) {
  const forms = words[one] ?? [one, many];
  return filled(forms[n === 1 ? 0 : 1], { n, ...values });
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
