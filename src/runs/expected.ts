import { changesInStates } from '../db/changes.js';
import type { CentreId } from '../domain/ids.js';
import { encodeCentre } from '../ror/encode.js';
import { lastDeclared } from './comebacks.js';
import type { RunContext } from './context.js';
import { gather } from './gather.js';
import { propose } from './propose.js';
import { offerOfTarget } from '../domain/change.js';

/** What a consumer should find of one centre, and how far it has come on its way to the ROR. */
export interface ExpectedCentre {
  readonly centre: CentreId;
  readonly title: string;
  readonly network: string | null;
  readonly hospital: string;
  readonly filiere: string;
  /** `CCMR 2023`, as the list or a person says it. */
  readonly label: string;
  /** Of the current campaign, and not declared lost nor closed. */
  readonly labelled: boolean;
  readonly approved: boolean;
  /** Written and read again, or handed over by a sheet or a Task. */
  readonly transmitted: boolean;
  /** Number of its offer; null as long as none is known. */
  readonly offer: string | null;
  /** TRE_R344 code, and TRE_R245 codes: by these a consumer looks for it. */
  readonly level: string;
  readonly families: readonly string[];
  /** The offer was made by us and carries activity 593 too. */
  readonly createdByUs: boolean;
}

/** Once approved, these are on their way. */
const ON_THE_WAY = ['approved', 'uncertain', 'transmitted'] as const;

/** Reads lists, answers and changes as they are now; proposes nothing, keeps nothing. */
export async function expectedCentres(run: RunContext): Promise<ExpectedCentre[]> {
  const { db, config, region } = run;
  const material = await gather(db, config, region, run.now());
  const { centres } = propose(material, run.newId.centre);
  const moving = await changesInStates(db, region.code, ON_THE_WAY);
  const { codes, defaults, crosswalk } = material.rules;
  return [...centres.values()]
    .map(({ centre, facts, reasons }): ExpectedCentre => {
      const encoded = encodeCentre(facts, { kind: 'attach' }, codes, defaults, crosswalk);
      const keys = encoded.contributions.map((each) => each.key);
      const link = material.links.find((each) => each.centre === centre.id);
      const change = moving.find((each) => each.centres.includes(centre.id));
      const declared = lastDeclared(centre.id, material);
      return {
        centre: centre.id,
        title: centre.title,
        network: centre.network,
        hospital: centre.hospital,
        filiere: centre.filiere,
        label: `${centre.label.level} ${centre.label.campaignText}`.trim(),
        labelled:
          !reasons.some((reason) => reason.code === 'labelToReconfirm') &&
          (declared === undefined || declared.kind === 'reopen'),
        approved: link !== undefined || change !== undefined,
        transmitted: link !== undefined || change?.state === 'transmitted',
        offer: link?.identifier ?? (change === undefined ? null : offerOfTarget(change.target)),
        level: codeOf(keys, 'expertiseLevel')[0] ?? '',
        families: codeOf(keys, 'takingCareSpeciality'),
        createdByUs: link?.createdByUs ?? false,
      };
    })
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function codeOf(keys: readonly string[], slice: string): string[] {
  const head = `characteristic[${slice}]#`;
  return keys.filter((key) => key.startsWith(head)).map((key) => key.slice(head.length));
}

const nameOf = ({ hospital, title, centre }: ExpectedCentre): string => `${hospital}|${title}|${centre}`;
