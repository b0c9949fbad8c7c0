// What queues are called: by us, else by the exchange. Comes with the page.

import { meta } from './api.js';

const names = JSON.parse(meta('queues'));

/** Return the name of the queue that the exchange `pbx` calls `queue`. */
export function queueName(pbx, queue) {
  return names[pbx]?.[queue] ?? queue;
}
