// Commands and questions to the REST API, as this page's user.

const V1 = '/api/v1';
const FILE_WITHIN = 120_000;

/** What went wrong: `status` (0 without a connection), the stable `code`, the faults of single fields. */
export class Problem extends Error {
  constructor(status, { code = 'no_answer', detail = '', errors = [], newer = null } = {}, retryAfter = null) {
    super(detail || code);
    Object.assign(this, { status, code, errors, newer, retryAfter });
  }
}

/**
 * Ask `path` (under /api/v1) and return its answer, null without content.
 * `key` makes a repeated command happen once; `version` is the one that a change is made to.
 * Throws a Problem; who is signed out is led to the sign-in.
 */
export async function api(method, path, body = undefined, { key = null, version = null } = {}) {
  const headers = { Accept: 'application/json', 'X-CSRF-Token': meta('csrf') };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key !== null) headers['Idempotency-Key'] = key;
  if (version !== null) headers['If-Match'] = `"${version}"`;
  const response = await asked(V1 + path, { method, headers, body: body && JSON.stringify(body) });
  if (response.ok) return response.status === 204 ? null : response.json();
  const problem = await problemOf(response);
  if (problem.code === 'not_signed_in') toSignIn();
  throw problem;
}

/** Send `file` as it is to `path`, and return the answer. Throws a Problem. */
export async function sendFile(path, file) {
  const headers = { Accept: 'application/json', 'X-CSRF-Token': meta('csrf'), 'Content-Type': 'application/octet-stream' };
  const response = await asked(V1 + path, { method: 'POST', headers, body: file }, FILE_WITHIN);
  if (response.ok) return response.json();
  throw await problemOf(response);
}

/** Go to the sign-in, and come back here afterwards. */
export function toSignIn() {
  const here = location.pathname + location.search;
  location.assign(here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`);
}

/** Return what the page's head says of `name`. */
export function meta(name) {
  return document.querySelector(`meta[name="centralita-${name}"]`).content;
}

async function asked(address, options, within = 10_000) {
  try {
    return await fetch(address, { ...options, signal: AbortSignal.timeout(within) });
  } catch {
    throw new Problem(0);
  }
}

async function problemOf(response) {
  const told = await response.json().catch(() => ({}));
  const wait = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  return new Problem(response.status, told, Number.isNaN(wait) ? null : wait);
}
