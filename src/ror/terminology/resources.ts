import { isJsonObject, type JsonObject } from '../../domain/json.js';
import { issuesText, outcomeIssues } from '../outcome.js';
import { readCodeSystem } from './code-system.js';
import {
  ASK_AGAIN,
  unusable,
  type Stated,
  type StatedSubset,
  type StatedSuccession,
  type StatedSystem,
} from './model.js';
import { objectsOf, stringOf } from './text.js';
import { readConceptMap, readValueSet } from './value-set.js';

export interface PlacedResource {
  readonly resource: JsonObject;
  readonly place: string;
}

const READ = ['CodeSystem', 'ValueSet', 'ConceptMap'];

/** Resources of one file or answer, those of a Bundle one by one. @throws DataError `CODES_OUTCOME`, `CODES_SHAPE` */
export function resourcesIn(resource: JsonObject, place: string): PlacedResource[] {
  refuseOutcome(resource, place);
  if (resource['resourceType'] !== 'Bundle') return [{ resource, place }];
  return objectsOf(resource, 'entry', place).flatMap((entry) => {
    const inner = entry['resource'];
    // An outcome inside a searchset informs (search.mode outcome): the answer stands.
    return isJsonObject(inner) && inner['resourceType'] !== 'OperationOutcome'
      ? [{ resource: inner, place }]
      : [];
  });
}

/** @throws DataError `CODES_OUTCOME` with what the server says */
export function refuseOutcome(resource: JsonObject, place: string): void {
  if (resource['resourceType'] !== 'OperationOutcome') return;
  const said = issuesText(outcomeIssues(JSON.stringify(resource)));
  throw unusable(
    'CODES_OUTCOME',
    place,
    `« ${place} » refuse : ${said === '' ? 'aucune raison donnée' : said}`,
    'corrigez ce que le serveur refuse (adresse, droit de lecture), puis recommencez ; rien n’a été écrit.',
  );
}

/**
 * A resource given by its own file, of a kind that says something of codes.
 * @throws DataError `CODES_KIND`
 */
export function refuseOtherKind({ resource, place }: PlacedResource): void {
  const kind = stringOf(resource, 'resourceType');
  if (kind !== null && READ.includes(kind)) return;
  throw unusable(
    'CODES_KIND',
    place,
    `« ${place} » est ${kind === null ? 'un JSON sans resourceType' : `une ressource ${kind}`} : il n’y a pas de codes à y lire.`,
    'donnez un CodeSystem, un ValueSet, un Bundle de ceux-ci, un dossier de ressources, ou l’adresse FHIR d’un serveur.',
  );
}

/** What resources say together; kinds that say nothing of codes are passed over. @throws DataError of any of them */
export function statedBy(resources: readonly PlacedResource[], today: string): Stated {
  const systems: StatedSystem[] = [];
  const subsets: StatedSubset[] = [];
  const successions: StatedSuccession[] = [];
  for (const { resource, place } of resources) {
    const kind = resource['resourceType'];
    if (kind === 'CodeSystem') systems.push(readCodeSystem(resource, place, today));
    else if (kind === 'ValueSet') subsets.push(...readValueSet(resource, place));
    else if (kind === 'ConceptMap') successions.push(...readConceptMap(resource, place));
  }
  for (const system of systems) {
    const other = systems.find((each) => each !== system && each.url === system.url);
    if (other !== undefined && other.version === system.version)
      throw unusable(
        'CODES_TWICE',
        other.place,
        `La nomenclature ${system.url} est donnée deux fois : « ${system.place} » et « ${other.place} ».`,
        `gardez-en une. ${ASK_AGAIN}`,
      );
  }
  return { systems, subsets, successions };
}

/** 1.10.0 comes after 1.9.0. */
const versions = new Intl.Collator('en', { numeric: true });

/** Of several versions of one thing, the last: one in use before one retired, then the greatest version. */
export function latest<T extends { readonly status: string; readonly version: string | null }>(
  found: readonly T[],
): T | null {
  const rank = ({ status, version }: T): string => `${status === 'active' ? 1 : 0}|${version ?? ''}`;
  return [...found].sort((a, b) => versions.compare(rank(b), rank(a)))[0] ?? null;
}
