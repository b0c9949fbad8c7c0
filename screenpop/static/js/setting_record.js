// One record of the settings in the form beside its list: what was changed is sent, and undo takes it back.

import { api } from './api.js';
import { newKey } from './desk_forms.js';
import { tellDone } from './done.js';
import { sends } from './form_sent.js';
import { _ } from './i18n.js';
import { read } from './record_form.js';

const KEPT = 'centralita-setting';
const form = document.getElementById('record');
const first = read(form);
const key = newKey();

/** Return what is sent: of a change what differs, a password with its blanks. */
function body() {
  const now = read(form);
  const password = form.querySelector('[type="password"]');
  if (password) now[password.dataset.field] = password.value;
  if (form.dataset.way !== 'PATCH') return now;
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(first[name])));
}

/** Return where the record is sent: a line is named by its exchange, kind and code. */
function path() {
  const { path: at, kind, pbx } = form.dataset;
  if (!kind) return at;
  const code = document.getElementById('line-code').value.trim();
  return [at, ...[document.getElementById('line-pbx')?.value ?? pbx, kind, code].map(encodeURIComponent)].join('/');
}

function after(kept) {
  if (!form.dataset.kind) return form.dataset.after + encodeURIComponent(kept.id);
  return form.dataset.after + new URLSearchParams({ pbx: kept.pbx, kind: kept.kind, code: kept.code });
}

function undoOf(at, sent, kept) {
  const { way, version } = form.dataset;
  if (way === 'POST') return null;
  if (way === 'PUT') return version ? { way, at, sent: first, version: kept.version } : { way: 'DELETE', at, version: kept.version };
  return { way, at, sent: Object.fromEntries(Object.keys(sent).map((name) => [name, first[name]])), version: kept.version };
}

async function save() {
  const [at, sent, { way, version = null }] = [path(), body(), form.dataset];
  if (way === 'PATCH' && Object.keys(sent).length === 0) return tellDone(_('Nothing was changed.'));
  const kept = await api(way, at, sent, { version, key: way === 'POST' ? key : null });
  sessionStorage.setItem(KEPT, JSON.stringify({ undo: undoOf(at, sent, kept) }));
  return location.assign(after(kept));
}

function tellKept() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  sessionStorage.removeItem(KEPT);
  if (!kept) return;
  const { undo } = kept;
  tellDone(_('Saved.'), undo && (async () => {
    await api(undo.way, undo.at, undo.sent, { version: undo.version });
    location.reload();
  }));
}

sends(form, save);
tellKept();
