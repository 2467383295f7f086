import { loadConfig, regionOf } from '../../src/config/load.js';
import { keyOf } from '../../src/consolidate/identity.js';
import type { ObservationRef } from '../../src/consolidate/centre.js';
import type { Answer } from '../../src/db/answers.js';
import type { AppliedElement } from '../../src/db/applied.js';
import type { CentreObservation } from '../../src/domain/centre.js';
import { finessFault } from '../../src/domain/finess.js';
import type { Establishment } from '../../src/domain/establishment.js';
import type { Filiere } from '../../src/domain/filiere.js';
import { base32, type CentreId, type FinessEg, type FinessEj, type PersonId } from '../../src/domain/ids.js';
import { isJsonObject, sha256, type Json, type JsonObject } from '../../src/domain/json.js';
import type { MirroredOffer } from '../../src/plan/attach-candidates.js';
import { parseBody } from '../../src/ror/body.js';
import { CodeBook } from '../../src/ror/codes.js';
import { elementsOf } from '../../src/ror/elements.js';
import { sameValue } from '../../src/ror/equality.js';
import { resourceAfter } from '../../src/runs/export.js';
import type { Material } from '../../src/runs/material.js';
import type { ProposedChange } from '../../src/runs/propose.js';
import { siteIds, trialOffer, type TrialOffer } from '../../src/sandbox/seed.js';
import { baseKey } from '../../src/sources/labelled-centres/keys.js';

/**
 * Hand-made material of a plan: everything that planning reads, in memory. Centres are named "Centre d'essai" and
 * hospitals "Hôpital d'essai"; their FINESS numbers have a right key and belong to département 14.
 */
export const config = loadConfig();
export const normandie = regionOf(config, '28');
export const codes = new CodeBook(config.codes);
export const INSTANT = new Date('2026-11-21T08:00:00Z');

export const FIMARAD: Filiere = {
  code: 'FIMARAD',
  title: 'Maladies rares en dermatologie',
  spellings: [],
  erns: ['ERN-Skin'],
};
export const FILNEMUS: Filiere = {
  code: 'FILNEMUS',
  title: 'Maladies neuromusculaires',
  spellings: [],
  erns: ['EURO-NMD'],
};

export const CAMILLE = '00000000-0000-4000-8000-00000000000a' as PersonId;

/** Nine characters with a right key, from the first eight. */
export function finess(first: string): string {
  const found = [...'0123456789'].map((digit) => first + digit).find((text) => finessFault(text) === null);
  if (found === undefined) throw new RangeError(`${first} has no key`);
  return found;
}

/** Same text, same id: a test can name the id before it is drawn. */
export function centreId(name: string): CentreId {
  return `cmr_${base32(Buffer.from(sha256(name), 'hex').subarray(0, 16))}` as CentreId;
}

export function site(number: number, change: Partial<Establishment> = {}): Establishment {
  return {
    eg: finess(`1400${String(9000 + number)}`) as FinessEg,
    ej: finess(`1400${String(8000 + number)}`) as FinessEj,
    name: `HOPITAL ESSAI ${SITE_WORDS[number] ?? String(number)}`,
    longName: null,
    complement: null,
    category: '355',
    categoryLabel: 'Centre Hospitalier (C.H.)',
    aggregate: '1102',
    departement: '14',
    commune: '118',
    postalCode: '14000',
    town: 'CAEN',
    address: null,
    siret: null,
    phone: null,
    openedOn: null,
    updatedOn: null,
    ...change,
  };
}

/** Proper names far from one another, so that each mention is certain. */
const SITE_WORDS = ['ACACIA', 'BRUYERE', 'CAPUCINE', 'DIGITALE', 'EGLANTINE'];

export function observation(change: Partial<CentreObservation> = {}): CentreObservation {
  return {
    title: 'Centre d’essai 1',
    network: null,
    filiere: 'FIMARAD',
    label: { level: 'CCMR', campaign: 2023, campaignText: '2023' },
    hospital: site(0).name,
    town: 'Caen',
    departement: '14',
    region: 'Normandie',
    public: 'adulte',
    head: null,
    finessEj: null,
    finessEg: null,
    specificActs: [],
    evidence: null,
    ...change,
  };
}

/** One open row of the list, keyed as the source keys it. */
export function row(
  change: Partial<CentreObservation> = {},
  ref: Partial<ObservationRef> = {},
): ObservationRef {
  const said = observation(change);
  return {
    source: 'labelled-centres',
    precedence: 60,
    key: baseKey(said),
    observation: said,
    locator: { file: 'centres.csv', line: 2 },
    snapshot: 'a'.repeat(64),
    date: '2026-11-01',
    importedBy: null,
    ...ref,
  };
}

export function mirrored(body: JsonObject, eg: string | null): MirroredOffer {
  const identifier = list(body['identifier']).map((each) => String(each['value']))[0] ?? '';
  return {
    identifier,
    remoteId: String(body['id'] ?? identifier.replace('/', '-')),
    body: JSON.stringify(body),
    elements: elementsOf(parseBody(JSON.stringify(body))),
    name: typeof body['name'] === 'string' ? body['name'] : '',
    eg,
  };
}

/** A synthetic offer of a hospital's unit that stands in the repository before us. */
export function unitOffer(establishment: Establishment, offer: Partial<TrialOffer> = {}): MirroredOffer {
  return mirrored(
    trialOffer({
      id: `unite-${establishment.eg}`,
      identifier: `28/UNITE-${establishment.eg}`,
      label: establishment.name,
      site: {
        ...establishment,
        commune: `${establishment.departement}${establishment.commune}`,
        region: { code: '28', name: 'Normandie' },
      },
      ...offer,
    }),
    establishment.eg,
  );
}

let answered = 0;
export function answer(kind: Answer['kind'], subject: string, body: Answer['body']): Answer {
  return { no: ++answered, kind, subject, body, author: CAMILLE, at: INSTANT };
}

/** A region where every given row is a known centre; the repository knows every site. */
export function material(change: Partial<Material> = {}): Material {
  const establishments = change.establishments ?? [site(0), site(1), site(2)];
  const observations = change.observations ?? [];
  return {
    config,
    rules: { codes, defaults: config.defaults, crosswalk: config.crosswalk },
    region: normandie,
    instant: INSTANT,
    observations,
    lost: [],
    histories: [],
    firstSeen: new Map(observations.map((ref) => [keyOf(ref), 1])),
    flags: [],
    filieres: [FIMARAD, FILNEMUS],
    deployments: [],
    recognitions: [],
    platforms: [],
    establishments,
    keys: new Map(observations.map((ref) => [keyOf(ref), centreId(keyOf(ref))])),
    ages: new Map(),
    answers: [],
    links: [],
    former: [],
    undoings: [],
    applied: new Map(),
    offers: [],
    ambiguousProviders: new Map(),
    providers: new Map(
      establishments.map((each): [string, { reference: string; location: string | null }] => {
        const ids = siteIds({
          ...each,
          commune: each.commune,
          region: { code: '28', name: 'Normandie' },
        });
        return [each.eg, { reference: `Organization/${ids.eg}`, location: `Location/${ids.place}` }];
      }),
    ),
    mirrored: true,
    rejected: new Set(),
    ...change,
  };
}

export function idOf(ref: ObservationRef): CentreId {
  return centreId(keyOf(ref));
}

/**
 * What the world looks like once these changes are applied: the repository holds the edited bodies, and the base and
 * the links are recorded as `src/apply/settle.ts` records them, without any I/O.
 */
export function afterApply(before: Material, changes: readonly ProposedChange[]): Material {
  const offers = new Map(before.offers.map((offer) => [offer.identifier, offer]));
  const applied = new Map(
    [...before.applied].map(([identifier, elements]) => [identifier, new Map(elements)]),
  );
  let links = [...before.links];
  for (const change of changes) {
    const created = change.target.startsWith('centre:');
    const identifier = created ? newIdentifier(change) : change.target.slice('offer:'.length);
    const body = withIdentifier(resourceAfter(change, before), identifier);
    const provider = isJsonObject(body['providedBy']) ? body['providedBy']['reference'] : null;
    const eg = [...before.providers].find(([, each]) => each.reference === provider)?.[0] ?? null;
    const offer = mirrored(body, eg);
    offers.set(identifier, offer);
    const base = applied.get(identifier) ?? new Map<string, AppliedElement>();
    for (const element of change.elements) {
      const known = base.get(element.key);
      const beforeUs = known === undefined ? (element.before ?? null) : known.beforeUs;
      const said = element.channel === 'served' ? element.after : offer.elements.get(element.key)?.value;
      const restored = said !== undefined && beforeUs !== null && sameValue(said, beforeUs);
      base.set(element.key, {
        key: element.key,
        beforeUs,
        readBack: restored ? null : (said ?? null),
        sent: element.after ?? null,
        channel: element.channel,
        centres: change.centres,
      });
    }
    applied.set(identifier, base);
    for (const centre of change.centres) {
      const gone =
        (change.kind === 'withdraw' || change.kind === 'close') &&
        change.elements.some((each) => each.operation === 'delete' && each.key.includes(`[${centre}]`));
      const known = links.find((link) => link.centre === centre && link.identifier === identifier);
      const ours = links.find((link) => link.identifier === identifier)?.createdByUs ?? created;
      const no = known?.no ?? 1 + Math.max(0, ...links.map((link) => link.no));
      links = links.filter((link) => link !== known);
      if (!gone) links.push({ centre, identifier, createdByUs: ours, no });
    }
  }
  return {
    ...before,
    offers: [...offers.values()].sort((a, b) => (a.identifier < b.identifier ? -1 : 1)),
    applied,
    links,
  };
}

/** The number that the repository gives, the same for the same centre. */
export function newIdentifier(change: Pick<ProposedChange, 'target'>): string {
  return `28/CREE-${change.target.slice('centre:cmr_'.length)}`;
}

function withIdentifier(body: JsonObject, identifier: string): JsonObject {
  return {
    ...body,
    id: identifier.replace('/', '-').toLowerCase(),
    identifier: list(body['identifier']).map((each, index) =>
      index === 0 ? { ...each, value: identifier } : each,
    ),
  };
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as Json[]).filter(isJsonObject) : [];
}

/** The repository with one offer edited by somebody else. */
export function withRemote(
  before: Material,
  identifier: string,
  edit: (body: JsonObject) => JsonObject,
): Material {
  return {
    ...before,
    offers: before.offers.map((offer) =>
      offer.identifier === identifier ? mirrored(edit(parseBody(offer.body)), offer.eg) : offer,
    ),
  };
}
