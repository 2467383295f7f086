import { existsSync, readFileSync } from 'node:fs';
import { diffLines } from '../support/line-difference.js';
import { describe, expect, it } from 'vitest';
import { goldenFile, goldenPlans, SNAPSHOTS } from '../support/golden-plans.js';

/*
 * The two plans were generated once, then read against DESIGN 7 and 10. Checked by hand, by centre:
 *  1 (CCMR, adulte, Falaise 355): name "Centre de compétence – …"; 245, 593, level 11, family 49 (FIMARAD has one),
 *    ages 18–150, type 01 since 355 is a hospital; assumed: care mode 32 and sensitive unit, nothing else.
 *  2 (CRMR constitutif, network ESSAI-2): "Centre de référence – … (ESSAI-2)", level 10, family 44, ages 0–150,
 *    network in the block and served.
 *  3 (CRC): its own title as name, level 11 marked assumed, title in the block, ages 0–17.
 *  4 (Dieppe, ORKiD): the nephrology offer of the site is a candidate (activity 095): a question, nothing else.
 *  5 without public: toComplete with the three answers and no default. 6 of 2017: toReconfirm, nothing withdrawn.
 *  7 (category 292, AnDDI-Rares): field of activity and families are asked, the latter with 29, 36 and 61 only.
 *  8 (CHU with two sites): the site is asked. 9: hospital not in the register. 10 (Mamers, 72): out of the region.
 * In September: 1 raised is one modify (level 10 for 11, name, block, served label: five edits, nothing else);
 *  2 and 4 are as they were, hence not in the plan; 3 is a withdrawal that asks for its proof and touches category,
 *  level, block and served facts only; 5 and 6 are completed by the list; 8, written otherwise, is asked about.
 */
describe('golden plans', () => {
  it.each(SNAPSHOTS)('the plan of snapshot %s is the one that was accepted', async (snapshot) => {
    const file = goldenFile(snapshot);
    const accepted = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const present = (await goldenPlans())[snapshot];
    const difference = diffLines(accepted, present);
    expect(
      difference,
      `The plan changed. If it is meant to: npm run golden:update\n${difference.join('\n')}`,
    ).toEqual([]);
  });

  it('shows a difference by its lines, with the change it belongs to', () => {
    const before = ['{', '  "target": "a",', '  "state": "proposed",', '  "x": 1', '}'].join('\n');
    const after = ['{', '  "target": "a",', '  "state": "question",', '  "x": 1', '}'].join('\n');
    expect(diffLines(before, after)).toEqual([
      '@ line 3, "target": "a",',
      '-   "state": "proposed",',
      '+   "state": "question",',
    ]);
    expect(diffLines(before, before)).toEqual([]);
  });
});
