// The site's own fields in the forms of incidents: a form has each by its name `fields.KEY`.

/** Return what stands in a field, as REST takes it; null when nothing does. */
export function ownValue({ value, dataset }) {
  if (value === '') return null;
  if (dataset.own === 'number') return Number(value);
  return dataset.own === 'boolean' ? value === 'true' : value;
}

/** Return the key of a field of the site's own. */
export const keyOf = ({ name }) => name.slice('fields.'.length);

/** Return all of them that `form` has, by key; null when it has none. */
export function ownFields(form) {
  const fields = [...form.querySelectorAll('[data-own]')];
  return fields.length ? Object.fromEntries(fields.map((field) => [keyOf(field), ownValue(field)])) : null;
}
