import { writeFileSync } from 'node:fs';
import { goldenFile, goldenPlans, SNAPSHOTS } from './support/golden-plans.js';

/** Accepts the plans of the present code as the golden ones: `npm run golden:update`, then read the diff. */
const plans = await goldenPlans();
for (const snapshot of SNAPSHOTS) {
  writeFileSync(goldenFile(snapshot), plans[snapshot]);
  console.log(`${goldenFile(snapshot)} written`);
}
