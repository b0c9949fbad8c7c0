// Pieces of a page that scripts draw, as templates/parts.html and skyline.py do on the server.

import { clockText } from './clock.js';
import { looks } from './i18n.js';

const SVG = 'http://www.w3.org/2000/svg';

/** Return an element; `facts` are attributes (null leaves one out), `inside` texts and elements. */
export function make(name, facts = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(facts)) {
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...inside);
  return made;
}

export function icon(name, css = '') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', `ic ${css}`.trim());
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Return a state in icon and word; `look` is one of looks.agent or looks.segment. */
export function chip(look) {
  return make('span', { class: `chip ${look.css}` }, icon(look.icon, look.icon === 'circle' ? 'dot' : ''), look.word);
}

/** Return a call's bar; `segments` are the customer's, `now` in ms. Dress it when it is in the page. */
export function bar(segments, now) {
  const pieces = segments.map(({ kind, at, until }) => {
    const seconds = Math.max(0, ((until ? Date.parse(until) : now) - Date.parse(at)) / 1000);
    return { look: looks.segment[kind], at, isLive: !until, seconds };
  });
  const told = pieces.map(({ look, seconds }) => `${look.word.toLowerCase()} ${clockText(seconds)}`).join(', ');
  const drawn = pieces.map(({ look, at, isLive, seconds }) => make('i', {
    class: look.css,
    title: isLive ? look.word : `${look.word} ${clockText(seconds)}`,
    'data-s': isLive ? null : seconds.toFixed(1),
    'data-grows': isLive ? at : null,
  }));
  return make('div', { class: 'seg', role: 'img', 'aria-label': told }, ...drawn);
}
