// The site's own fields in the forms of incidents: a form has each by its name `fields.KEY`.

/** Return what stands in a field, as REST takes it; null when nothing does. */
export function ownValue({ value, dataset }) {
  if (value === '') return null;
  if (dataset.own === 'number') return Number(value);
  return dataset.own === 'boolean' ? value === 'true' : value;
}

/** Return the key of a field of the site's own. */
export const keyOf = ({ name }) => name.slice('fields.'.length);

/** Say whether a field is asked in the category that is chosen. */
export const isAsked = (field) => field.closest('.field[hidden]') === null;

/** Show of the fields in `form` those that are asked in the category that is chosen, and in which something stood. */
function follow(form) {
  const chosen = form.elements.category_id.value;
  for (const field of form.querySelectorAll('[data-categories]')) {
    field.hidden = !('kept' in field.dataset) && !field.dataset.categories.split(' ').includes(chosen);
  }
}

document.addEventListener('change', ({ target }) => {
  if (target.name === 'category_id' && target.form) follow(target.form);
});
document.addEventListener('reset', ({ target }) => {
  if (target.elements.category_id) setTimeout(() => follow(target)); // it is emptied after this
});

/** Return all of them that `form` asks, by key; null when it asks none. */
export function ownFields(form) {
  const fields = [...form.querySelectorAll('[data-own]')].filter(isAsked);
  return fields.length ? Object.fromEntries(fields.map((field) => [keyOf(field), ownValue(field)])) : null;
}
