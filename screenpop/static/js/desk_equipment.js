// What the customer of the call has: to be chosen from when an incident is opened.

import { Problem, api } from './api.js';

const field = document.getElementById('asset-field');
let whose = null; // the address of what is offered
let known = Promise.resolve();

/** Let `select` offer what the customer of `card` has; hidden when that is nothing. Returns when it does. */
export function offerEquipment(select, card) {
  const asked = { contact_id: card?.contact?.id, account_id: card?.contact && card.account?.id };
  const path = card?.contact ? `/assets?${new URLSearchParams(Object.entries(asked).filter(([, id]) => id))}` : null;
  if (path !== whose) {
    whose = path;
    known = offer(select, path);
  }
  return known;
}

async function offer(select, path) {
  const found = path ? await read(path) : [];
  if (path !== whose) return;
  const chosen = select.value;
  select.replaceChildren(select.options[0], ...found.map(option));
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = '';
  field.hidden = found.length === 0;
}

/** Without an answer nothing is offered: the incident's page offers it, too. */
async function read(path) {
  try {
    return (await api('GET', path)).items;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return [];
  }
}

function option({ asset, product }) {
  const name = document.documentElement.lang === 'es' ? product.name_es : product.name_en;
  return new Option(`${name} · ${asset.serial}`, asset.id);
}
