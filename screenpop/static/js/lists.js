// Long lists: going back leads to where one was, J and K walk through the rows, M shows more.

const KEPT = 'centralita-place';
const MOST_KEPT = 30;
const main = document.getElementById('main');
const here = location.pathname + location.search;

// --- where one was

function places() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

function keep() {
  const others = places().filter(([address]) => address !== here);
  const link = main.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  sessionStorage.setItem(KEPT, JSON.stringify([...others, [here, Math.round(main.scrollTop), link]].slice(-MOST_KEPT)));
}

/** Nothing stays for who signs in next: addresses tell what was looked for. */
function forget() {
  window.removeEventListener('pagehide', keep);
  sessionStorage.removeItem(KEPT);
}

/** Show again what was seen when one left; what was followed from here has the focus. */
function restore() {
  const [navigation] = performance.getEntriesByType('navigation');
  if (!['back_forward', 'reload'].includes(navigation?.type)) return;
  const [, top, link] = places().find(([address]) => address === here) ?? [];
  if (link) main.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
  if (top) main.scrollTop = top;
}

if (main) {
  restore();
  window.addEventListener('pagehide', keep);
  document.getElementById('sign-out')?.addEventListener('click', forget);
}

// --- keys

function walk(step) {
  const links = [...main.querySelectorAll('[data-walk] tbody tr')].map((row) => row.querySelector('a')).filter(Boolean);
  if (!links.length) return false;
  const row = document.activeElement.closest('tr');
  const at = links.findIndex((link) => row?.contains(link));
  links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
  return true;
}

function pressed({ key, target, ctrlKey, altKey, metaKey }) {
  if (ctrlKey || altKey || metaKey || target.matches('input, textarea, select')) return false;
  if (localStorage.getItem('centralita-single-keys') === 'off' || document.querySelector('dialog[open]')) return false;
  if (key === 'j' || key === 'k') return walk(key === 'j' ? 1 : -1);
  const more = main.querySelector('a[aria-keyshortcuts="m"]');
  return key === 'm' && more !== null && (more.click(), true);
}

document.addEventListener('keydown', (event) => !event.defaultPrevented && pressed(event) && event.preventDefault());
