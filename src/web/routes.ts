import { approveChange, changePage, rejectChange } from './pages/change.js';
import { bulkApprove, bulkPage } from './pages/bulk.js';
import { changesPage } from './pages/changes.js';
import { declareChange, declarePage } from './pages/declare.js';
import { home } from './pages/home.js';
import { matchesPage, noneOfThese, recogniseHospital, undoRecognition } from './pages/matches.js';
import { answerQuestion } from './pages/questions.js';
import { followupRoutes } from './pages/followup.js';
import type { RegionRoute } from './route.js';

/** Every address of a region, in the order of the menu: what is served, what the rights matrix and the browser walk. */
export const routes: readonly RegionRoute[] = [
  home,
  changesPage,
  changePage,
  approveChange,
  rejectChange,
  answerQuestion,
  bulkPage,
  bulkApprove,
  matchesPage,
  recogniseHospital,
  noneOfThese,
  undoRecognition,
  declarePage,
  declareChange,
  ...followupRoutes,
];
