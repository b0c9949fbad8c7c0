// What may help with an incident: proposed, looked for, and said to have solved it; all of that taken back.

import { Problem, api } from './api.js';
import { tellDone } from './done.js';
import { _, language } from './i18n.js';
import { make } from './parts.js';
import { reason } from './reasons.js';
import { renew } from './renewed.js';

const FEW = 5;
const at = (id) => document.getElementById(id);
const path = (article) => `/incidents/${at('one').dataset.id}/articles/${article}`;

async function say(method, article, text) {
  await api(method, path(article));
  await renew('articles');
  tellDone(text, async () => {
    await api(method === 'PUT' ? 'DELETE' : 'PUT', path(article));
    await renew('articles');
  });
}

async function lookFor(q) {
  const { items } = await api('GET', `/articles?${new URLSearchParams({ q, stand: 'published', limit: FEW })}`);
  const found = items.map(({ article }) => line(article));
  at('articles-found').replaceChildren(...(found.length ? found : [make('li', { class: 'soft' }, _('No such article'))]));
}

function line(article) {
  const title = article[`title_${language}`] ?? article.title_es ?? article.title_en;
  const link = make('a', { class: 'plain grow cut', href: `/knowledge/${article.id}`, dir: 'auto' }, title);
  const button = make('button', { class: 'btn s', type: 'button', 'data-solved': article.id }, _('Solved by this'), make('span', { class: 'sr' }, ` ${title}`));
  return make('li', {}, link, button);
}

async function tried(deed) {
  try {
    await deed();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tellDone(reason(problem));
  }
}

document.addEventListener('click', ({ target }) => {
  const { solved, unsolved } = target.closest('[data-solved], [data-unsolved]')?.dataset ?? {};
  if (solved) tried(() => say('PUT', solved, _('Solved by this article.')));
  if (unsolved) tried(() => say('DELETE', unsolved, _('Taken away.')));
});
document.addEventListener('submit', (event) => {
  if (event.target.id !== 'articles-ask') return;
  event.preventDefault();
  const q = event.target.elements.q.value.trim();
  if (q) tried(() => lookFor(q));
});
