// Why something did not work, for people: a sentence for each stable code of the REST API.

import { _ } from './i18n.js';

/** Return why a command failed, for people. */
export function reason(problem) {
  return REASONS[problem.code]?.() ?? problem.message;
}

const stale = () => _('This page is not up to date. Load it again.');
const changingOver = () => _('Centralita is changing over to its stand-by. Nothing is lost: try again.');
const slow = () => _('That took too long. Try again.');
const noAgent = () => _('Only who takes calls can do this.');
const somebodyTalks = () => _('Somebody is on a call there.');

const REASONS = {
  // Centralita and its parts
  no_answer: () => _('No connection. Nothing is lost: try again.'),
  standby: changingOver,
  lease_lost: changingOver,
  database_away: () => _('The records are away. Nothing is lost: try again.'),
  schema: () => _('The records are of another version: an administrator must bring them up to date.'),
  internal: () => _('A fault of Centralita\'s own: it is in the log. Try again.'),
  busy: slow,
  timeout: slow,
  too_slow: slow,
  interrupted: () => _('This was interrupted. Look whether it was done before you try again.'),
  // the exchange
  exchange_away: () => _('The exchange is away.'),
  exchange: () => _('The exchange refused the call.'),
  rejected_by_exchange: () => _('The exchange refused the call.'),
  not_confirmed: () => _('The exchange did not confirm it. All is as it was.'),
  observe_only: () => _('This exchange is only observed: dial at the phone.'),
  in_no_queue: () => _('This phone is in no queue.'),
  hold_not_possible: () => _('This exchange is not set up for it: hold with your phone.'),
  not_in_a_talk: () => _('You talk to nobody alone: hold with your phone.'),
  on_hold_already: () => _('The customer is on hold already.'),
  not_on_hold: () => _('Your phone holds this call: take it back there.'),
  no_exchange: () => _('Your phone\'s exchange is not known.'),
  fixed_by_settings: () => _('This exchange stands in the settings file: change it there.'),
  // who asks, and where he sits
  not_signed_in: () => _('You are not signed in any more.'),
  wrong_credentials: () => _('User or password is wrong.'),
  code_wanted: () => _('The code of your second factor is wanted.'),
  wrong_code: () => _('This code does not fit, or was used already.'),
  second_factor_wanted: () => _('Set your second factor up first.'),
  second_factor_off: () => _('Your role signs in without a second factor.'),
  second_factor_demanded: () => _('Your role signs in with a second factor.'),
  no_provider: () => _('Nobody signs in by a provider here.'),
  provider_away: () => _('The provider does not answer now. Try again.'),
  provider_lied: () => _('What the provider says could not be verified. The log says why.'),
  provider_refused: () => _('The provider did not let you in.'),
  set_up_anew: () => _('That took too long. Begin to set it up again.'),
  too_many_tries: () => _('Too many tries. Wait a little.'),
  not_allowed: () => _('Your role does not allow it.'),
  missing_scope: () => _('This key may not do that.'),
  too_many_keys: () => _('So many keys hold already that one is lost sight of: revoke one that nobody uses.'),
  no_agent: noAgent,
  takes_no_calls: noAgent,
  no_session: () => _('A key of another system cannot do this.'),
  no_seat: () => _('No phone is yours.'),
  seat_in_use: somebodyTalks,
  on_a_call: somebodyTalks,
  nobody_sits_there: () => _('Nobody sits there now.'),
  somebody_else_sits_there: () => _('Somebody else sits there now.'),
  // records
  not_found: () => _('This is not there any more.'),
  already_exists: () => _('This is there already.'),
  version_conflict: () => _('Somebody was quicker. Load the page again.'),
  invalid: () => _('What was entered cannot be used.'),
  erased: () => _('This person was erased.'),
  merged: () => _('This record is a part of another one now. Load the page again.'),
  to_be_erased: () => _('One of them is to be erased: until that is done or taken back, they stay two.'),
  changed_since: () => _('It was changed since, and cannot be undone any more.'),
  wrong_state: () => _('That cannot be done with this table now. Load the page again.'),
  not_a_file: () => _('Send a table: CSV or XLSX.'),
  no_imports: () => _('Tables are not brought in here at the moment.'),
  legal_hold: () => _('This record is kept for legal reasons.'),
  lead_not_yours: () => _('This contact went back to the list.'),
  dial_under_way: () => _('It is being dialled already.'),
  do_not_call: () => _('This number must not be called. Dial it once more to call all the same.'),
  masked_value: () => _('This holds what you are not shown: write it anew, or leave it as it was.'),
  dial_gate_closed: () => _('This number may not be called now.'),
  campaign_paused: () => _('The campaign is paused.'),
  too_many_webhooks: () => _('So many systems are told already that nobody would look after another one.'),
  event_gone: () => _('The event log does not keep it any more.'),
  // files
  too_large: () => _('This is too much at once.'),
  not_csv: () => _('This is no CSV file.'),
  unreadable_list: () => _('This file cannot be read as a list.'),
  // a page that speaks as Centralita does not
  bad_cursor: stale,
  bad_idempotency_key: stale,
  csrf: stale,
  host_not_served: stale,
  idempotency_key_reused: stale,
  malformed: stale,
  method_not_allowed: stale,
  not_json: stale,
  version_required: stale,
  wrong_origin: stale,
};
