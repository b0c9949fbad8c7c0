// A form is sent once at a time: by its button, by Enter and by Ctrl+Enter; what is wrong stands in it.

import { Problem } from './api.js';
import { clearFaults, showFaults } from './form_faults.js';

/** Do `deed` once at a time for `where`; what is wrong stands in it afterwards. */
export async function tried(where, deed) {
  if (where.getAttribute('aria-busy') === 'true') return;
  where.setAttribute('aria-busy', 'true');
  clearFaults(where);
  try {
    await deed();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    showFaults(where, problem);
  } finally {
    where.removeAttribute('aria-busy');
  }
}

/** Send `form`, when there is one, by `deed`. */
export function sends(form, deed) {
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    tried(form, () => deed(form));
  });
  form?.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !event.ctrlKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
