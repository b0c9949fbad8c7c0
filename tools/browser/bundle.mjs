// Copies what the pages use out of node_modules: files, licences, one sprite of icons; and says what is where.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const from = new URL('node_modules/', import.meta.url);
const to = new URL('../../screenpop/static/vendor/', import.meta.url);
const read = (path) => readFileSync(new URL(path, from), 'utf8');
const files = [];

function keep(file, text, name) {
  const { version, license } = JSON.parse(read(`${name}/package.json`));
  writeFileSync(new URL(file, to), text);
  files.push({ file, package: name, version, license, sha256: createHash('sha256').update(text).digest('hex') });
}

/** One symbol an icon, `i-NAME`; stroke and size are the style sheet's. */
function sprite(names) {
  const symbols = names.map((name) => {
    const svg = read(`lucide-static/icons/${name}.svg`);
    const shapes = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'));
    return `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, '')}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" class="sprite" aria-hidden="true">\n${symbols.join('\n')}\n</svg>\n`;
}

rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
const icons = readFileSync(new URL('icons.txt', import.meta.url), 'utf8').split('\n').filter(Boolean);
keep('pico.min.css', read('@picocss/pico/css/pico.min.css'), '@picocss/pico');
keep('LICENSE-pico.txt', read('@picocss/pico/LICENSE.md'), '@picocss/pico');
keep('icons.svg', sprite(icons), 'lucide-static');
keep('LICENSE-lucide.txt', read('lucide-static/LICENSE'), 'lucide-static');
writeFileSync(new URL('vendor.json', to), `${JSON.stringify({ files }, null, 2)}\n`);
