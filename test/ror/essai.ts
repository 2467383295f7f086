import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfig } from '../../src/config/load.js';
import { packageRoot } from '../../src/config/files.js';
import type { CentreFacts } from '../../src/domain/offer.js';
import type { CentreId, FinessEg, OfferIdentifier, RegionCode } from '../../src/domain/ids.js';
import type { Filiere } from '../../src/domain/filiere.js';
import type { JsonObject } from '../../src/domain/json.js';
import { buildOffer } from '../../src/ror/build.js';
import { CodeBook } from '../../src/ror/codes.js';
import { encodeCentre, type EncodedCentre, type EncodeTarget } from '../../src/ror/encode.js';

/** Test centres only: no element describes a real one. */
const config = loadConfig();
export const codes = new CodeBook(config.codes);
export const defaults = config.defaults;
export const crosswalk = config.crosswalk;

export const ID_A = 'cmr_essaiaaaaaaaaaaa' as CentreId;
export const ID_B = 'cmr_essaibbbbbbbbbbb' as CentreId;
export const NORMANDIE = '28' as RegionCode;
export const INSTANT = '2026-11-21T08:00:00+01:00';

export const FIMARAD: Filiere = {
  code: 'FIMARAD',
  title: 'Maladies rares en dermatologie',
  spellings: [],
  erns: ['ERN-Skin'],
};

/** "Centre d'essai 1": a complete CCMR of FIMARAD, as DESIGN 7 walks it. */
export function facts(change: Partial<CentreFacts> = {}): CentreFacts {
  return {
    id: ID_A,
    region: NORMANDIE,
    title: 'Centre d’essai 1',
    network: 'ESSAI',
    filiere: FIMARAD,
    label: { level: 'CCMR', campaign: 2023, campaignText: '2023' },
    eg: '760000001' as FinessEg,
    egCategory: '101',
    public: 'adulte',
    activityField: null,
    families: null,
    specificActs: [],
    contacts: [],
    ...change,
  };
}

export function encode(
  change: Partial<CentreFacts> = {},
  kind: EncodeTarget['kind'] = 'create',
): EncodedCentre {
  return encodeCentre(facts(change), { kind }, codes, defaults, crosswalk);
}

export function offer(change: Partial<CentreFacts> = {}): JsonObject {
  return buildOffer(
    encode(change).contributions,
    {
      region: NORMANDIE,
      identifier: '28/ESSAI-0001' as OfferIdentifier,
      providedBy: 'Organization/eg-essai',
      location: null,
      instant: INSTANT,
    },
    codes,
  );
}

/** Material beside the repository, read-only; tests that need it are skipped when it is absent. */
export const sharedRor = join(packageRoot, '..', 'shared', 'ror');
export const hasShared = existsSync(join(sharedRor, 'validate.mjs'));

export interface OfficialIssue {
  readonly severity: string;
  readonly code: string;
  readonly where: string;
  readonly text: string;
}

/** The conformance kit's checker: `validate(resource)`. */
export async function officialValidate(): Promise<(resource: unknown) => OfficialIssue[]> {
  const kit = (await import(pathToFileURL(join(sharedRor, 'validate.mjs')).href)) as {
    validate: (resource: unknown) => OfficialIssue[];
  };
  return kit.validate;
}

export function sharedExample(name: string): string {
  return readFileSync(join(sharedRor, 'examples', `${name}.json`), 'utf8');
}
