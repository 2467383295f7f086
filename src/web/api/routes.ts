import { centreRoutes } from './centres.js';
import { changeRoutes } from './changes.js';
import { decisionRoutes } from './decide.js';
import { followedRoutes } from './followed.js';
import { regionRoutes } from './region.js';
import type { ApiRoute } from './route.js';
import { runRoutes } from './runs.js';
import { scheduleRoutes } from './schedule.js';

/** Every address of the API of a region: what is served, what OpenAPI describes, what the rights matrix walks. */
export const apiRoutes: readonly ApiRoute[] = [
  ...regionRoutes,
  ...changeRoutes,
  ...decisionRoutes,
  ...runRoutes,
  ...scheduleRoutes,
  ...followedRoutes,
  ...centreRoutes,
];
