// A record in a form: filled from its JSON and read back as JSON; every field, row of a list and part has its name
// in `data-field`, `data-rows` and `data-object`; a part that is empty is null, but for one with `data-whole`.

/** Return what stands in `scope`, as REST takes it. */
export function read(scope) {
  const found = {};
  for (const field of own(scope, '[data-field]')) {
    const { field: name, as } = field.dataset;
    if (as === 'set') found[name] = [...(found[name] ?? []), ...(field.checked ? [field.value] : [])];
    else found[name] = valueOf(field, as);
  }
  for (const part of own(scope, '[data-object]')) {
    const inner = read(part);
    const isThere = 'whole' in part.dataset || Object.values(inner).some((one) => one !== null && one !== '');
    found[part.dataset.object] = isThere ? inner : null;
  }
  for (const list of own(scope, '[data-rows]')) found[list.dataset.rows] = rowsOf(list).map(read);
  return found;
}

/** Let `scope` show `record`. */
export function write(scope, record) {
  for (const name of namesIn(scope)) writeOne(scope, name, record[name]);
}

/** Let what is called `name` in `scope` show `value`. */
export function writeOne(scope, name, value) {
  for (const field of own(scope, `[data-field="${name}"]`)) show(field, value);
  for (const part of own(scope, `[data-object="${name}"]`)) write(part, value ?? {});
  for (const list of own(scope, `[data-rows="${name}"]`)) {
    for (const row of rowsOf(list)) row.remove();
    for (const one of value ?? []) write(addRow(list), one);
  }
}

/** Put one more row into `list`, an empty one; return it. */
export function addRow(list) {
  const template = list.querySelector(':scope > template');
  const row = template.content.firstElementChild.cloneNode(true);
  for (const radio of row.querySelectorAll('[data-group]')) radio.name = radio.dataset.group;
  for (const box of row.querySelectorAll('[data-field="is_valid"]')) box.checked = true;
  list.querySelector(':scope > [data-more]').before(row);
  return row;
}

/** Return the field that `path` (`phones.0.raw`) names in `scope`; the list or part when there is no such field. */
export function fieldAt(scope, path) {
  let [place, found] = [scope, null];
  for (const name of path.split('.')) {
    const next = /^\d+$/.test(name) ? rowsOf(place)[Number(name)] : nextIn(place, name);
    if (!next) break;
    [place, found] = [next, next];
  }
  return found;
}

/** Return what `name` is called in `scope`, for people. */
export function labelOf(scope, name) {
  const field = nextIn(scope, name);
  const said = field?.labels?.[0] ?? field?.querySelector(':scope > legend');
  return (said?.textContent ?? field?.getAttribute('aria-label') ?? name).trim();
}

function namesIn(scope) {
  const told = own(scope, '[data-field], [data-object], [data-rows]');
  return new Set(told.map(({ dataset }) => dataset.field ?? dataset.object ?? dataset.rows));
}

function nextIn(scope, name) {
  return own(scope, `[data-field="${name}"], [data-object="${name}"], [data-rows="${name}"]`)[0] ?? null;
}

/** Return what `selector` finds in `scope` and in no row or part within it. */
function own(scope, selector) {
  return [...scope.querySelectorAll(selector)].filter((one) => one.parentElement.closest('[data-row], [data-object], [data-rows], form') === scope);
}

const rowsOf = (list) => [...list.querySelectorAll(':scope > [data-row]')];

function valueOf(field, as) {
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked;
  const text = field.value.trim();
  if (as === 'list') return text.split(',').map((one) => one.trim()).filter(Boolean);
  if (as === 'number') return text === '' ? null : Number(text);
  return text === '' && field.dataset.empty === 'null' ? null : text;
}

function show(field, value) {
  const { as } = field.dataset;
  if (as === 'set') field.checked = (value ?? []).includes(field.value);
  else if (field.type === 'checkbox' || field.type === 'radio') field.checked = value ?? field.dataset.field === 'is_valid';
  else if (as === 'list') field.value = (value ?? []).join(', ');
  else if (field.tagName === 'SELECT') field.value = value ?? field.options[0].value;
  else field.value = value ?? '';
}
