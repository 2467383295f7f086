import type { RegionRoute } from '../route.js';
import {
  agreementDocument,
  agreementsItemPage,
  agreementsPage,
  makeLink,
  recordAgreed,
  recordRefused,
  recordUndone,
} from './agreements.js';
import {
  establishmentAgrees,
  establishmentItemPage,
  establishmentPage,
  establishmentRefuses,
} from './establishment.js';
import { queueSummary } from './queue-summary.js';
import {
  assignSheet,
  queueItemPage,
  queueSheet,
  queueSheetJson,
  refuseSheet,
  remindSheet,
} from './queue-item.js';
import { queuePage, rereadQueue } from './queue.js';
import { visiblePage } from './visible.js';

/** What is handed over to hospitals, and what became of it. */
export const followupRoutes: readonly RegionRoute[] = [
  queuePage,
  queueSummary,
  queueItemPage,
  queueSheet,
  queueSheetJson,
  assignSheet,
  remindSheet,
  refuseSheet,
  rereadQueue,
  visiblePage,
  agreementsPage,
  agreementsItemPage,
  recordAgreed,
  recordRefused,
  recordUndone,
  agreementDocument,
  makeLink,
  establishmentPage,
  establishmentItemPage,
  establishmentAgrees,
  establishmentRefuses,
];
