import type { RegionProfile } from '../config/schema/region.js';
import type { StoredChange } from '../db/changes.js';
import { KIND_WORDS, type ElementChange, offerOfTarget } from '../domain/change.js';
import { RefusalError } from '../domain/errors.js';
import type { Json } from '../domain/json.js';
import type { CodeBook } from '../ror/codes.js';
import { describe } from '../ror/describe.js';
import { encodeTask, type AnomalyAction, type AnomalyFacts } from '../ror/task.js';
import { termOf, termRank } from '../ror/terms.js';
import { validateTask } from '../ror/validate-task.js';
import type { SheetSite } from './sheet.js';

/** A report ready to be sent, and shown as it will be. */
export interface AnomalyDraft {
  readonly about: 'offer' | 'carrier';
  readonly action: AnomalyAction;
  /** Found again by it: stands in the description. */
  readonly mark: string;
  readonly body: string;
}

export interface AnomalyContext {
  readonly region: RegionProfile;
  readonly codes: CodeBook;
  readonly requester: string;
  readonly at: Date;
}

/**
 * What to report of a change (api.md 10): the establishment that is missing in the repository, which holds the change
 * back (DESIGN 7), else what the change proposes for its offer.
 * @param site the site that would carry the offer, when it is known
 * @throws RefusalError `ANOMALY_NONE`, `ANOMALY_INVALID`
 */
export function draftAnomaly(
  context: AnomalyContext,
  change: StoredChange,
  site: SheetSite | null,
): AnomalyDraft {
  const carrier = change.reasons.some((reason) => reason.code === 'providerAbsent' && reason.blocking);
  const about = carrier ? 'carrier' : 'offer';
  const mark = `[filror ${change.id} ${change.hash.slice(0, 8)} ${about}]`;
  const facts = carrier ? carrierFacts(context, change, site, mark) : offerFacts(context, change, site, mark);
  const task = encodeTask(facts, context.codes);
  const [finding] = validateTask(task, context.codes);
  if (finding !== undefined) {
    throw new RefusalError({
      code: 'ANOMALY_INVALID',
      message: `Le signalement du changement ${change.id} n’est pas conforme : ${finding.element}, ${finding.message}`,
      place: `changement ${change.id}`,
      remedy: finding.remedy,
    });
  }
  return { about, action: facts.action, mark, body: JSON.stringify(task) };
}

function carrierFacts(
  { requester, at }: AnomalyContext,
  change: StoredChange,
  site: SheetSite | null,
  mark: string,
): AnomalyFacts {
  if (site === null)
    throw nothingToReport(change, 'le site FINESS de l’établissement n’est pas encore choisi');
  const named = `${site.name}, ${site.town} (FINESS ${site.eg})`;
  return {
    action: 'AJO',
    theme: '02',
    description: `L’établissement ${named} n’est pas dans le ROR : une offre de maladies rares doit lui être rattachée. Ajout de l’établissement demandé. ${mark}`,
    focus: { type: 'Organization', identifier: nationalNumber(site.eg) },
    path: null,
    errors: [],
    proposals: [named],
    requester,
    at,
  };
}

function offerFacts(
  { codes, requester, at }: AnomalyContext,
  change: StoredChange,
  site: SheetSite | null,
  mark: string,
): AnomalyFacts {
  const elements = change.elements
    .filter((element) => element.channel === 'ror')
    .sort((a, b) => termRank(a.key) - termRank(b.key) || (a.key < b.key ? -1 : 1));
  if (elements.length === 0) throw nothingToReport(change, 'rien n’y est à changer dans le ROR');
  const offer = offerOfTarget(change.target);
  if (offer === null && site === null)
    throw nothingToReport(change, 'le site de l’offre à créer n’est pas connu');
  const action = actionOf(change, elements);
  const where =
    offer === null ? `l’établissement ${site?.name ?? ''} (FINESS ${site?.eg ?? ''})` : `l’offre ${offer}`;
  const terms = [...new Set(elements.map(({ key }) => termOf(key)))].join(', ');
  const paths = [...new Set(elements.map((element) => element.path))];
  const told = (element: ElementChange, value: Json): string =>
    `${termOf(element.key)} : ${describe(value, codes).lines.join(' ; ')}`;
  return {
    action,
    theme: offer === null ? '02' : action === 'AJO' ? '01' : '06',
    description: `Offre de maladies rares à ${KIND_WORDS[change.kind].word} pour ${where} : ${terms}. Le commentaire se saisit tel quel. ${mark}`,
    focus:
      offer === null
        ? { type: 'Organization', identifier: nationalNumber(site?.eg ?? '') }
        : { type: 'HealthcareService', identifier: offer },
    path: paths.length === 1 ? (paths[0] ?? null) : null,
    errors: elements.flatMap((element) =>
      element.before === undefined ? [] : [told(element, element.before)],
    ),
    proposals: elements.flatMap((element) =>
      element.after === undefined ? [] : [told(element, element.after)],
    ),
    requester,
    at,
  };
}

/** What only adds is an addition, what only takes away a deletion, anything else a correction. */
function actionOf(change: StoredChange, elements: readonly ElementChange[]): AnomalyAction {
  if (change.kind === 'close') return 'SUP';
  if (elements.every((element) => element.operation === 'add')) return 'AJO';
  return elements.every((element) => element.operation === 'delete') ? 'SUP' : 'COR';
}

/** National id of a structure (idNatStruct): `1` and the FINESS number. */
function nationalNumber(eg: string): string {
  return `1${eg}`;
}

function nothingToReport(change: StoredChange, why: string): RefusalError {
  return new RefusalError({
    code: 'ANOMALY_NONE',
    message: `Le changement ${change.id} ne se signale pas : ${why}.`,
    place: `changement ${change.id}`,
    remedy: `voyez ce qui manque à la page du changement (au terminal : « filror show ${change.id} »).`,
  });
}
