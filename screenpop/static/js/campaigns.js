// A new campaign.

import { api } from './api.js';
import { faultAt, newKey, sent } from './desk_forms.js';
import { _ } from './i18n.js';

const form = document.getElementById('campaign');
const key = newKey();

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { name, region, basis, in_a_day: inDay, at_all: atAll } = Object.fromEntries(new FormData(form));
  if (!name.trim()) {
    faultAt(form, 'name', _('A campaign has a name.'));
    form.elements.name.focus();
    return;
  }
  const body = { name, region: region.trim().toUpperCase(), basis, in_a_day: Number(inDay), at_all: Number(atAll) };
  const made = await sent(form, () => api('POST', '/campaigns', body, { key }));
  if (made) location.assign(`/campaigns/${made.id}`);
});
