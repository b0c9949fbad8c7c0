// The page of another CRM that belongs to the call: opened once in a tab, or shown in a frame of the desk.

const OPENED = 'centralita-crm';
const LOCK = 'centralita-crm';
const at = (id) => document.getElementById(id);
const panel = at('crm');

/** Show the page that the card of `shown` names. It opens once it is known whom the number belongs to. */
export function showCrm(shown) {
  const link = shown && at('card-parts').querySelector('a[data-crm]');
  const isFramed = Boolean(link) && link.dataset.crm === 'frame' && shown.card !== null;
  panel.hidden = !isFramed;
  if (isFramed) load(link.href);
  else at('crm-frame')?.remove();
  if (link?.dataset.crm === 'tab' && shown.phase === 'ringing' && shown.card) openOnce(shown.call.id, link.href);
}

/** The same page is not loaded anew: something may be typed in it. */
function load(address) {
  if (!at('crm-frame')) panel.append(at('crm-page').content.cloneNode(true));
  const frame = at('crm-frame');
  if (frame.src !== address) frame.src = address;
}

/** A browser that allows no pop-ups of this page opens nothing: the card's link is there. */
async function openOnce(call, address) {
  const open = () => {
    if (localStorage.getItem(OPENED) === call) return;
    localStorage.setItem(OPENED, call);
    window.open(address, '_blank', 'noopener,noreferrer');
  };
  if (navigator.locks) await navigator.locks.request(LOCK, open); // of all tabs one
  else open();
}
