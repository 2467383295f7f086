import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { approvedTemplate, copyOfRegion, type ApprovedRegion, type RegionWanted } from './approved-region.js';

/** Opens a copy of the file's prepared region, with other habits if given; it is closed after the test. */
export type OpenCopy = (change?: Partial<RegionWanted>) => Promise<ApprovedRegion>;

/** One region prepared for a file (or a `describe`), copied as often as its tests ask for it. */
export function copiesOf(wanted: RegionWanted): OpenCopy {
  let template: Awaited<ReturnType<typeof approvedTemplate>>;
  let open: ApprovedRegion[] = [];
  beforeAll(async () => {
    template = await approvedTemplate(wanted);
  });
  afterAll(() => template.drop());
  afterEach(async () => {
    const closing = open;
    open = [];
    for (const region of closing) await region.close();
  });
  return async (change = {}) => {
    const region = await copyOfRegion(template.name, { ...wanted, ...change });
    open.push(region);
    return region;
  };
}

/** Each test of the file gets a copy of its own, handed to `ready` before it starts. */
export function eachOnACopy(
  wanted: RegionWanted,
  ready: (region: ApprovedRegion) => void | Promise<void>,
): void {
  const open = copiesOf(wanted);
  beforeEach(async () => {
    await ready(await open());
  });
}
