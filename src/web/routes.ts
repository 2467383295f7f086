import { approveChange, changePage, rejectChange } from './pages/change.js';
import { bulkApprove, bulkPage } from './pages/bulk.js';
import { changesPage } from './pages/changes.js';
import { declareChange, declarePage } from './pages/declare.js';
import { matchesPage, noneOfThese, recogniseHospital, undoRecognition } from './pages/matches.js';
import { answerQuestion } from './pages/questions.js';
import {
  confirmGrantPost,
  giveGrantPost,
  grantsPage,
  nameDeputyPost,
  revokeGrantPost,
} from './pages/grants.js';
import { home } from './pages/home.js';
import { journalEntryPage, journalFile, journalPage } from './pages/journal.js';
import { sendingPage, sendPost } from './pages/sending.js';
import { runPage, runsPage, setAsideFile, startRunPost } from './pages/runs.js';
import { pausePost, resumePost, sourcesPage } from './pages/sources.js';
import { followupRoutes } from './pages/followup.js';
import { recalculate, undoAnswer, undoChange } from './pages/undoing.js';
import { contentFile, contentsPage } from './pages/contents.js';
import { centreRoutes } from './pages/centres.js';
import { readerReportRoutes } from './pages/reader-reports.js';
import { workbookRoutes } from './pages/workbook.js';
import { orderRoutes } from './pages/orders.js';
import { asOfRoutes } from './pages/as-of.js';
import { coverageRoutes } from './pages/coverage.js';
import { describedRoutes } from './pages/described.js';
import type { RegionRoute } from './route.js';

/** Every address of a region, in the order of the menu: what is served, what the rights matrix and the browser walk. */
export const routes: readonly RegionRoute[] = [
  home,
  changesPage,
  changePage,
  approveChange,
  rejectChange,
  answerQuestion,
  ...[undoChange, undoAnswer, recalculate],
  bulkPage,
  bulkApprove,
  matchesPage,
  recogniseHospital,
  noneOfThese,
  undoRecognition,
  declarePage,
  declareChange,
  ...[grantsPage, giveGrantPost, nameDeputyPost, confirmGrantPost, revokeGrantPost],
  ...[sendingPage, sendPost],
  ...[runsPage, startRunPost, runPage, setAsideFile],
  ...[sourcesPage, pausePost, resumePost],
  ...[journalPage, journalFile, journalEntryPage],
  ...followupRoutes,
  ...centreRoutes,
  ...[contentsPage, contentFile],
  ...workbookRoutes,
  ...orderRoutes,
  ...readerReportRoutes,
  ...asOfRoutes,
  ...coverageRoutes,
  ...describedRoutes,
];
