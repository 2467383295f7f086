import type { JsonObject } from '../../domain/json.js';
import { isJsonObject } from '../../domain/json.js';
import { ASK_AGAIN, unusable, type StatedSubset, type StatedSuccession } from './model.js';
import { codeOf, displayOf, objectsOf, stringOf } from './text.js';

/**
 * A FHIR R4 ValueSet: what it admits, by system. An expansion wins over the composition, which it is computed from. A
 * composition that filters, excludes or takes from other value sets cannot be read without a terminology engine: its
 * systems are left out rather than guessed.
 * @throws DataError `CODES_SHAPE`, `CODES_TWICE`
 */
export function readValueSet(resource: JsonObject, place: string): StatedSubset[] {
  const url = stringOf(resource, 'url');
  if (url === null)
    throw unusable('CODES_SHAPE', place, `« ${place} » : ce ValueSet n’a pas d’adresse (url).`, ASK_AGAIN);
  const found = expanded(resource, place) ?? composed(resource, place);
  return [...found].map(([system, codes]) => ({
    valueSet: url,
    system,
    version: stringOf(resource, 'version'),
    status: stringOf(resource, 'status') ?? 'unknown',
    codes,
    place,
  }));
}

type BySystem = Map<string, Map<string, string | null> | null>;

/** Null when there is no whole expansion: a page of one says nothing of what is not on it. */
function expanded(resource: JsonObject, place: string): BySystem | null {
  const { expansion } = resource;
  if (!isJsonObject(expansion)) return null;
  const found: BySystem = new Map();
  let count = 0;
  const add = (entries: readonly JsonObject[], depth: number): void => {
    for (const entry of entries) {
      count++;
      const system = stringOf(entry, 'system');
      const admitted = entry['abstract'] !== true && entry['inactive'] !== true;
      if (system !== null && admitted)
        put(found, system, codeOf(entry, place), displayOf(entry, place), place);
      if (depth < 30) add(objectsOf(entry, 'contains', place), depth + 1);
    }
  };
  add(objectsOf(expansion, 'contains', place), 0);
  const total = expansion['total'];
  return typeof total === 'number' && total > count ? null : found;
}

function composed(resource: JsonObject, place: string): BySystem {
  const { compose } = resource;
  const found: BySystem = new Map();
  if (!isJsonObject(compose)) return found;
  const unclear = new Set(objectsOf(compose, 'exclude', place).map(({ system }) => system));
  for (const include of objectsOf(compose, 'include', place)) {
    const system = stringOf(include, 'system');
    if (system === null) continue;
    if (include['filter'] !== undefined || include['valueSet'] !== undefined) unclear.add(system);
    const list = include['concept'];
    if (list === undefined) found.set(system, null);
    for (const concept of objectsOf(include, 'concept', place)) {
      put(found, system, codeOf(concept, place), displayOf(concept, place), place);
    }
  }
  for (const system of unclear) if (typeof system === 'string') found.delete(system);
  return found;
}

function put(found: BySystem, system: string, code: string, display: string | null, place: string): void {
  const known = found.get(system);
  if (known === null) return;
  const codes = known ?? new Map<string, string | null>();
  found.set(system, codes);
  const other = codes.get(code);
  if (other !== undefined && other !== null && display !== null && other !== display)
    throw unusable(
      'CODES_TWICE',
      place,
      `« ${place} » donne deux libellés au code ${code} (« ${other} » et « ${display} »).`,
      'faites corriger le jeu de valeurs par qui le tient ; rien n’a été écrit.',
    );
  codes.set(code, display ?? other ?? null);
}

/** Says the same thing (FHIR R4, ConceptMapEquivalence); narrower, wider or inexact ones are for a person to judge. */
const SAME_THING = new Set(['equal', 'equivalent']);

/** Pairs of a ConceptMap from a system to itself: which code stands in the place of which. */
export function readConceptMap(resource: JsonObject, place: string): StatedSuccession[] {
  return objectsOf(resource, 'group', place).flatMap((group) => {
    const system = stringOf(group, 'source');
    if (system === null || system !== stringOf(group, 'target')) return [];
    return objectsOf(group, 'element', place).flatMap((element) => {
      const from = stringOf(element, 'code');
      return objectsOf(element, 'target', place)
        .filter((target) => SAME_THING.has(stringOf(target, 'equivalence') ?? ''))
        .flatMap((target) => {
          const to = stringOf(target, 'code');
          return from === null || to === null || from === to ? [] : [{ system, from, to }];
        });
    });
  });
}
