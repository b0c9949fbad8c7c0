// The list of articles, walked through by J and K, and a form for a new one, opened by N and A.

import { api } from './api.js';
import { isOpen, open, whenSaved } from './record_edit.js';

const SECOND_KEY_WITHIN = 2_000;
const opener = document.getElementById('edit'); // null for who may only read
let afterN = 0;

function walk(step) {
  const links = [...document.querySelectorAll('#found [data-id] a')];
  links[Math.min(Math.max(links.indexOf(document.activeElement) + step, 0), links.length - 1)]?.focus();
}

function pressed({ key, target, ctrlKey, altKey, metaKey }) {
  if (ctrlKey || altKey || metaKey || target.matches('input, textarea, select')) return false;
  if (localStorage.getItem('centralita-single-keys') === 'off') return false;
  if (key === 'j' || key === 'k') return walk(key === 'j' ? 1 : -1), true;
  const isSecond = performance.now() - afterN < SECOND_KEY_WITHIN;
  afterN = key === 'n' ? performance.now() : 0;
  return key === 'a' && isSecond && opener !== null && (isOpen() || open(null), true);
}

document.addEventListener('keydown', (event) => pressed(event) && event.preventDefault());
opener?.addEventListener('click', () => open(null));
if (opener) {
  whenSaved(async (record, _version, key) => {
    const { id } = await api('POST', '/articles', record, { key });
    location.assign(`/knowledge/${id}`);
  });
}
