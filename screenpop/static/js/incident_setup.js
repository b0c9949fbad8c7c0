// Agreements, calendars and choices: one record in a form, sent whole.

import { api } from './api.js';
import { newKey } from './desk_forms.js';
import { sends } from './form_sent.js';

const form = document.getElementById('record');
const { section, id, version } = form.dataset;
const PATHS = { policies: '/sla-policies', calendars: '/calendars' };
const path = PATHS[section] ?? '/incident-choices';
const NUMBERS = new Set(['priority', 'warn_percent']);
const MINUTES = new Set(['respond_s', 'resolve_s']);
const key = newKey();

function value(field) {
  const { field: name } = field.dataset;
  if (field.type === 'checkbox') return field.checked;
  const text = field.value.trim();
  if (name === 'closed') return text.split(/\s+/).filter(Boolean);
  if (name === 'name' || name.startsWith('name_') || name === 'zone' || name === 'calendar_id') return text;
  if (!text) return null;
  if (NUMBERS.has(name)) return Number(text);
  return MINUTES.has(name) ? Number(text) * 60 : text;
}

function body() {
  const found = {};
  for (const field of form.querySelectorAll('[data-field]')) {
    if (!field.closest('[data-object]')) found[field.dataset.field] = value(field);
  }
  const hours = form.querySelector('[data-object="hours"]');
  if (hours) found.hours = hoursOf(hours);
  if (!id && !PATHS[section]) found.kind = section;
  return found;
}

function hoursOf(scope) {
  const days = [...scope.querySelectorAll('[data-field]')].map((field) => [field.dataset.field, field.value.split(',').map((one) => one.trim()).filter(Boolean)]);
  return Object.fromEntries(days.filter(([, told]) => told.length > 0));
}

async function save() {
  const kept = id ? await api('PATCH', `${path}/${id}`, body(), { version }) : await api('POST', path, body(), { key });
  location.assign(`/settings/incidents?section=${section}&edit=${kept.id}`);
}

sends(form, save);
