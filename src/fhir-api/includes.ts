import type { Place } from '../db/served-condition.js';
import { linkedServed, type FoundResource } from '../db/served-search.js';
import type { Db } from '../db/types.js';
import { didYouMean } from '../domain/nearest.js';
import { PARAMETERS, type SearchedType } from '../publish/parameters.js';
import { unsupported } from './outcome.js';
import { shown } from './values.js';

/** One `_include` or `_revinclude`: from resources of `type` along `param`, forwards or back. */
export interface Include {
  readonly direction: 'forward' | 'backward';
  readonly type: SearchedType;
  readonly param: string;
  /** Followed from what was included too; otherwise from the matches only. */
  readonly iterate: boolean;
}

const TYPES = Object.keys(PARAMETERS) as SearchedType[];
/** Paths of the ROR that lead to what is never mirrored: accepted, so that a client's usual request goes through. */
const EMPTY: readonly string[] = ['PractitionerRole:service', 'PractitionerRole:practitioner', 'Task:focus'];

/** Every reference that is followed: `HealthcareService:organization`. */
const ALL = TYPES.filter((type) => !type.startsWith('Practitioner')).flatMap((type) => referencesOf(type));
const ALL_SAID = `. Que faire : prenez l’une de ${ALL.join(', ')}.`;

function referencesOf(type: SearchedType, target?: SearchedType): readonly string[] {
  return Object.entries(PARAMETERS[type]).flatMap(([name, parameter]) =>
    parameter.kind === 'reference' && (target === undefined || parameter.target === target)
      ? [`${type}:${name}`]
      : [],
  );
}

/** What leads to resources of a type: `HealthcareService:organization` for Organization. */
export function namedBy(target: SearchedType): readonly string[] {
  return ALL.filter((each) => referencesOf(each.split(':')[0] as SearchedType, target).includes(each));
}

/** @throws Fault 400 `not-supported` */
export function includeOf(name: string, value: string): Include {
  const [from = '', param = '', target] = value.split(':');
  const type = TYPES.find((each) => each === from);
  const parameter =
    type === undefined || !Object.hasOwn(PARAMETERS[type], param) ? undefined : PARAMETERS[type][param];
  const direction = name.startsWith('_revinclude') ? 'backward' : 'forward';
  const iterate = name.endsWith(':iterate');
  if (EMPTY.includes(`${from}:${param}`))
    return { direction, type: 'PractitionerRole', param: 'practitioner', iterate };
  if (
    type === undefined ||
    parameter?.kind !== 'reference' ||
    (target !== undefined && target !== parameter.target)
  )
    throw unsupported(
      name,
      `Inclusion non prise en charge : « ${shown(value)} »${didYouMean(shown(value), ALL)}${ALL_SAID}`,
    );
  return { direction, type, param, iterate };
}

/** Type whose `name` leads to resources of `type`; null when no path does. */
export function reverseOf(type: SearchedType, from: string, name: string): SearchedType | null {
  const source = TYPES.find((each) => each === from);
  if (source === undefined || !Object.hasOwn(PARAMETERS[source], name)) return null;
  const parameter = PARAMETERS[source][name];
  return parameter?.kind === 'reference' && parameter.target === type ? source : null;
}

/** Resources that one page may bring along, at most. */
export const MAX_INCLUDED = 2_000;
/** Rounds of `:iterate`. */
const MAX_ROUNDS = 6;

/** What the includes add to one page, each once, the matches left out. */
export async function includedWith(
  db: Db,
  place: Place,
  includes: readonly Include[],
  matches: readonly FoundResource[],
): Promise<{ readonly found: readonly FoundResource[]; readonly cut: boolean }> {
  const known = new Set(matches.map(keyOf));
  const found: FoundResource[] = [];
  let front: readonly FoundResource[] = matches;
  for (let round = 0; round < MAX_ROUNDS && front.length > 0; round++) {
    const added: FoundResource[] = [];
    for (const include of includes) {
      if (round > 0 && !include.iterate) continue;
      const room = MAX_INCLUDED - found.length - added.length;
      const from =
        include.direction === 'forward' ? front.filter(({ type }) => type === include.type) : front;
      if (from.length === 0 || include.type === 'PractitionerRole') continue;
      // One more than there is room for, and those known already, so that a cut is seen.
      for (const one of await linkedServed(db, place, include, from, room + known.size + 1)) {
        if (known.has(keyOf(one))) continue;
        if (found.length + added.length >= MAX_INCLUDED) return { found: [...found, ...added], cut: true };
        known.add(keyOf(one));
        added.push(one);
      }
    }
    found.push(...added);
    front = added;
  }
  return { found, cut: false };
}

function keyOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type}/${id}`;
}
