// Search everywhere: `/` opens it over any page, arrows choose, Enter opens, Esc closes; what comes late is dropped.

import { toSignIn } from './api.js';
import { _, ngettext } from './i18n.js';
import { icon, make } from './parts.js';

const SETTLES = 120; // typing
const SLOW = 300; // then something is shown where results will be
const RECENT = 'centralita-recent';
const MOST_RECENT = 8;
const at = (id) => document.getElementById(id);
const [dialog, field, list, told] = ['search', 'search-field', 'search-found', 'search-told'].map(at);
let asked = 0;
let timer = null;

export function openSearch() {
  if (dialog.open) return;
  field.value = '';
  dialog.showModal();
  showRecent();
}

// --- what is found

function settle() {
  clearTimeout(timer);
  asked += 1; // an answer under way is of no use any more
  list.removeAttribute('aria-busy');
  const q = field.value.trim();
  if (!q) return showRecent();
  timer = setTimeout(() => find(q, asked), SETTLES);
  return undefined;
}

async function find(q, mine) {
  const slow = setTimeout(() => mine === asked && wait(), SLOW);
  const answer = await fetched(`/search/options?${new URLSearchParams({ q })}`);
  clearTimeout(slow);
  if (mine !== asked) return;
  list.removeAttribute('aria-busy');
  if (answer === null) {
    show([], _('No connection. Try again.'));
    return;
  }
  list.innerHTML = answer; // drawn by the server, which escapes
  showTold(q);
}

/** Show where results will be. */
function wait() {
  show([at('search-bones').content.cloneNode(true)], '');
  list.setAttribute('aria-busy', 'true');
}

/** Return the page at `address`, null without an answer. */
async function fetched(address) {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(10_000) });
    if (response.redirected) toSignIn();
    return response.ok && !response.redirected ? await response.text() : null;
  } catch {
    return null;
  }
}

function showTold(q) {
  const count = options().filter((one) => !one.classList.contains('more')).length;
  at('search-all').href = `/search?${new URLSearchParams({ q })}`;
  told.textContent = count ? '' : _('Nothing is found. Fewer words find more; of a number the last four digits are enough.');
  told.hidden = count > 0;
  field.setAttribute('aria-expanded', String(count > 0));
  choose(options()[0]);
  if (count) said(ngettext('{n} found', '{n} found', count));
}

function showRecent() {
  const recent = kept();
  at('search-all').href = '/search';
  show(recent.length ? [group(recent)] : [], recent.length ? '' : _('A name or how it begins, a company, a number in any writing, an e-mail address, an incident.'));
}

function group(recent) {
  const title = make('div', { class: 'gh', role: 'presentation', id: 'found-recent' }, _('Opened before'));
  const rows = recent.map(({ href, name, look }, n) => make('div', { class: 'opt', role: 'option', id: `found-recent-${n}`, 'aria-selected': 'false', 'data-href': href }, icon(look, 'soft'), make('span', { class: 'grow cut', dir: 'auto' }, name)));
  return make('div', { role: 'group', 'aria-labelledby': 'found-recent' }, title, ...rows);
}

function show(parts, text) {
  list.replaceChildren(...parts);
  told.textContent = text;
  told.hidden = !text;
  field.setAttribute('aria-expanded', String(options().length > 0));
  choose(options()[0]);
}

/** Tell who listens how many there are; who sees does. */
function said(text) {
  told.hidden = false;
  told.className = 'sr';
  told.textContent = text;
}

// --- choosing

const options = () => [...list.querySelectorAll('[role="option"]')];
const chosen = () => list.querySelector('[aria-selected="true"]');

function choose(option) {
  chosen()?.setAttribute('aria-selected', 'false');
  option?.setAttribute('aria-selected', 'true');
  option?.scrollIntoView({ block: 'nearest' });
  if (option) field.setAttribute('aria-activedescendant', option.id);
  else field.removeAttribute('aria-activedescendant');
}

function step(by) {
  const all = options();
  if (all.length) choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
}

function open(option) {
  if (!option) {
    if (field.value.trim()) location.assign(`/search?${new URLSearchParams({ q: field.value.trim() })}`);
    return;
  }
  const { href } = option.dataset;
  keep(option);
  dialog.close();
  const onCall = at('call') && !at('call').hidden; // the call stays where it is
  if (onCall) window.open(href, '_blank', 'noopener');
  else location.assign(href);
}

// --- what was opened before: as long as the tab

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(RECENT)) ?? [];
  } catch {
    return [];
  }
}

function keep(option) {
  if (option.classList.contains('more')) return;
  const name = option.querySelector('.cut').textContent;
  const look = option.querySelector('use').getAttribute('href').slice('#i-'.length);
  const { href } = option.dataset;
  const others = kept().filter((one) => one.href !== href);
  sessionStorage.setItem(RECENT, JSON.stringify([{ href, name, look }, ...others].slice(0, MOST_RECENT)));
}

// --- keys

function onField(event) {
  if (event.isComposing) return;
  const does = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: () => open(chosen()) }[event.key];
  if (!does || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  does();
}

function onPage(event) {
  if (event.key !== '/' || event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (isField(event.target) || document.querySelector('dialog[open]') || localStorage.getItem('centralita-single-keys') === 'off') return;
  event.preventDefault();
  openSearch();
}

const isField = (target) => target.matches?.('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]') ?? false;

document.addEventListener('keydown', onPage);
field.addEventListener('keydown', onField);
field.addEventListener('input', () => {
  told.className = 'none muted';
  settle();
});
list.addEventListener('click', ({ target }) => open(target.closest('[role="option"]')));
list.addEventListener('mousedown', (event) => event.preventDefault()); // the field keeps the focus
dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
dialog.addEventListener('close', () => {
  clearTimeout(timer);
  asked += 1;
});
at('search-close').addEventListener('click', () => dialog.close());
at('search-open').addEventListener('click', openSearch);
at('sign-out')?.addEventListener('click', () => sessionStorage.removeItem(RECENT));
