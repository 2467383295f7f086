import { parseRegionProfile, type RegionProfile } from '../../src/config/schema/region.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';

/** Profile of a sandbox region; `change` overrides options of its repository. */
export function trialProfile(
  sandbox: Pick<Sandbox, 'fhirBase' | 'tokenUrl'>,
  change: Readonly<Record<string, unknown>> = {},
): RegionProfile {
  return parseRegionProfile(
    {
      code: '28',
      name: 'Normandie (essai)',
      departements: ['14', '27', '50', '61', '76'],
      sandbox: true,
      repository: {
        baseUrl: sandbox.fhirBase,
        tokenUrl: sandbox.tokenUrl,
        accessProfile: 1,
        ways: ['patch', 'post', 'put', 'sheet', 'task'],
        ...change,
      },
    },
    'essai',
  );
}

export const TRIAL_ENV = { FILROR_ROR_SECRET: 'bac-a-sable' };
