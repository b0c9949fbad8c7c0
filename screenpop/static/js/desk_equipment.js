// What the customer of the call has: to be chosen from when an incident is opened.

import { Problem, api } from './api.js';

const MOST = '100';
const field = document.getElementById('asset-field');
let whose = null; // the address of what is offered

/** Let `select` offer what the customer of `card` has, `asset` chosen; hidden when that is nothing. */
export function offerEquipment(select, card, asset = select.value) {
  const asked = { contact_id: card?.contact?.id, account_id: card?.contact && card.account?.id, limit: MOST };
  const path = card?.contact ? `/assets?${new URLSearchParams(Object.entries(asked).filter(([, id]) => id))}` : null;
  if (path === whose) return choose(select, asset);
  whose = path;
  return offer(select, path, asset);
}

async function offer(select, path, asset) {
  const found = path ? await read(path) : [];
  if (path !== whose) return;
  select.replaceChildren(select.options[0], ...found.map(option));
  choose(select, asset);
  field.hidden = found.length === 0;
}

/** What the customer has no more is not chosen. */
function choose(select, asset) {
  select.value = asset;
  if (select.selectedIndex < 0) select.value = '';
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
