import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { DataError } from '../domain/errors.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import { elementsOf } from '../ror/elements.js';
import {
  compareThree,
  OUTCOMES,
  type ComparedElement,
  type ElementValues,
  type Outcome,
} from './three-way.js';

/** One element of a report; an absent value is null, which FHIR never uses as a value. */
export interface ReportedElement {
  readonly element: ElementKey;
  readonly path: string;
  readonly outcome: Outcome;
  readonly base: Json;
  readonly remote: Json;
  readonly desired: Json;
}

export interface ReportedOperation {
  readonly operation: 'add' | 'replace' | 'delete';
  readonly element: ElementKey;
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
}

/** Three-way comparison of three whole resources; stable format, for people's scripts. */
export interface DiffReport {
  readonly format: 'filror.diff/1';
  readonly resourceType: string;
  readonly summary: Readonly<Record<Outcome, number>>;
  /** Every element on which the three do not agree. */
  readonly elements: readonly ReportedElement[];
  /** What to do on the remote resource to say what is desired, conflicts aside. */
  readonly operations: readonly ReportedOperation[];
  readonly conflicts: readonly ElementKey[];
}

/** @throws DataError `DIFF_TYPES` when the three are not of one resource type */
export function diffReport(base: JsonObject, remote: JsonObject, desired: JsonObject): DiffReport {
  const types = [base, remote, desired].map((resource) => String(resource['resourceType']));
  if (new Set(types).size > 1) {
    throw new DataError({
      code: 'DIFF_TYPES',
      message: `Les trois ressources ne sont pas du même type : ${types.join(', ')}.`,
      remedy: 'donnez trois versions d’une même offre : base, distante, souhaitée.',
    });
  }
  const cuts: readonly [Cut, Cut, Cut] = [elementsOf(base), elementsOf(remote), elementsOf(desired)];
  const compared = compareThree(
    { base: valuesOf(cuts[0]), remote: valuesOf(cuts[1]), desired: valuesOf(cuts[2]) },
    { missingBase: 'absent' },
  );
  const pathTo = (key: ElementKey): string => cuts.map((each) => each.get(key)?.path).find(Boolean) ?? key;
  const count = (outcome: Outcome): number => compared.filter((each) => each.outcome === outcome).length;
  return {
    format: 'filror.diff/1',
    resourceType: types[0] ?? '',
    summary: Object.fromEntries(OUTCOMES.map((outcome) => [outcome, count(outcome)])) as Record<
      Outcome,
      number
    >,
    elements: compared
      .filter((each) => each.outcome !== 'same')
      .map((each) => ({
        element: each.key,
        path: pathTo(each.key),
        outcome: each.outcome,
        base: each.base ?? null,
        remote: each.remote ?? null,
        desired: each.desired ?? null,
      })),
    operations: compared
      .filter((each) => each.outcome === 'ours')
      .map((each) => operation(each, pathTo(each.key))),
    conflicts: compared.filter((each) => each.outcome === 'conflict').map((each) => each.key),
  };
}

type Cut = ReadonlyMap<ElementKey, OfferElement>;

function operation({ key, remote, desired }: ComparedElement, path: string): ReportedOperation {
  const verb = remote === undefined ? 'add' : desired === undefined ? 'delete' : 'replace';
  return { operation: verb, element: key, path, before: remote ?? null, after: desired ?? null };
}

const valuesOf = (elements: Cut): ElementValues =>
  new Map([...elements].map(([key, element]) => [key, element.value]));

const SIGNS: Readonly<Record<Outcome, string>> = {
  same: '=',
  ours: '~',
  theirs: '<',
  'both-same': '=',
  conflict: '!',
};
const WORDS: Readonly<Record<Outcome, string>> = {
  same: 'identique',
  ours: 'à écrire',
  theirs: 'changé dans le répertoire, conservé',
  'both-same': 'déjà à jour des deux côtés',
  conflict: 'en conflit',
};

/** The report for a terminal: first what moved outside, then one sentence, then the details. */
export function reportText(report: DiffReport): string {
  const { summary } = report;
  const outside = summary.theirs + summary['both-same'];
  if (report.elements.length === 0) return 'Aucun changement : les trois versions disent la même chose.\n';
  const lines = [
    ...(outside > 0 ? [`${outside} élément(s) ont changé dans le répertoire depuis la base.`] : []),
    `${summary.ours} à écrire, ${summary.theirs} conservé(s), ${summary['both-same']} déjà à jour, ${summary.conflict} en conflit, ${summary.same} identique(s).`,
  ];
  for (const element of report.elements) {
    lines.push('', `${SIGNS[element.outcome]} ${element.element} : ${WORDS[element.outcome]}`);
    lines.push(`    base      ${shown(element.base)}`);
    lines.push(`    distant   ${shown(element.remote)}`);
    lines.push(`    souhaité  ${shown(element.desired)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A coded value by code and label, anything else as JSON. */
function shown(value: Json): string {
  if (value === null) return '(absent)';
  const coding = isJsonObject(value) && Array.isArray(value['coding']) ? (value['coding'][0] as Json) : null;
  if (coding !== null && isJsonObject(coding) && typeof coding['code'] === 'string') {
    return typeof coding['display'] === 'string' ? `${coding['code']} ${coding['display']}` : coding['code'];
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
