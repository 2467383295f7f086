import type { MovedSource, ServedFact } from '../db/served-sources.js';
import { isJsonObject, sha256, type Json, type JsonObject } from '../domain/json.js';
import { LABEL_LEVELS, type LabelLevel } from '../domain/centre.js';
import { withLists } from '../ror/arrays.js';
import { parseBody, writeValue } from '../ror/body.js';
import { cutFor, isSensitive, seesSensitive } from './cut.js';
import { enriched, type CentreFactsServed } from './extensions.js';
import { PARAMETERS } from './parameters.js';
import { audienceOf, baseOf, type Audience, type ServedType, type View } from './views.js';

/** A resource as one view says it, its own number and instant not yet written. */
export interface SeenResource {
  readonly tree: JsonObject;
  /** SHA-256 of its text. */
  readonly hash: string;
  /** Text with number and instant of the publication in `meta`. */
  stamped(version: number, at: Date): string;
}

/** One resource of the mirror, read once for every view. */
export interface Source {
  readonly type: ServedType;
  readonly id: string;
  readonly hash: string | null;
  readonly sensitive: boolean;
  readonly resource: JsonObject | null;
  /** Null when the view's audience may not see it, or it is gone. */
  seenBy(view: View): SeenResource | null;
  /** Whether the view's audience may not know of it, be it there or gone. */
  withheldFrom(view: View): boolean;
}

export function sourceOf(moved: MovedSource, canonical: string): Source {
  const { type, id, hash, body } = moved;
  // The last words of what is gone tell whether it was sensitive, and nothing else.
  const known = body === null ? null : withLists(parseBody(body, `${type}/${id}`));
  const resource = hash === null ? null : known;
  const sensitive = moved.sensitive || (type === 'HealthcareService' && known !== null && isSensitive(known));
  const texts = new WeakMap<object, string>();
  const cut = once((audience: Audience) =>
    resource === null ? null : cutFor(audience, type, resource, sensitive),
  );
  const facts = once((audience: Audience) => factsOf(moved.facts, seesSensitive(audience)));
  return {
    ...{ type, id, hash: resource === null ? null : hash, sensitive, resource },
    seenBy: once((view: View) => {
      const audience = audienceOf(view);
      const shown = cut(audience);
      if (shown === null) return null;
      const whole = baseOf(view) === 'fhir' && type === 'HealthcareService';
      return seenResource(whole ? enriched(shown, facts(audience), canonical) : shown, texts);
    }),
    withheldFrom: (view) => sensitive && !seesSensitive(audienceOf(view)),
  };
}

function once<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined || made.has(key)) return known as V;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

/** Ids of the places that an offer names. */
export function referencesOf({ type, resource }: Source): readonly string[] {
  const location = PARAMETERS.HealthcareService['location'];
  if (type !== 'HealthcareService' || resource === null || location?.kind !== 'reference') return [];
  return location
    .read(resource)
    .flatMap((reference) => (reference.startsWith('Location/') ? [reference.slice('Location/'.length)] : []));
}

function seenResource(tree: JsonObject, texts: WeakMap<object, string>): SeenResource {
  // The repository's own version and instant are no content: the same words read again make no new version here.
  const meta: Record<string, Json> = isJsonObject(tree['meta']) ? { ...tree['meta'] } : {};
  delete meta['versionId'];
  delete meta['lastUpdated'];
  const written = (ofMeta: JsonObject): string => {
    const members = Object.entries({ ...tree, meta: ofMeta }).map(
      ([name, value]) => `${JSON.stringify(name)}:${memberText(value, texts)}`,
    );
    return `{${members.join(',')}}`;
  };
  return {
    tree: { ...tree, meta },
    hash: sha256(written(meta)),
    stamped: (version, at) => written({ versionId: String(version), lastUpdated: at.toISOString(), ...meta }),
  };
}

/** Text of one member; most are the same objects in every view, and are written once. */
function memberText(value: Json, texts: WeakMap<object, string>): string {
  if (typeof value !== 'object' || value === null) return writeValue(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = writeValue(value);
  texts.set(value, text);
  return text;
}

/**
 * Facts of each centre, from the keys `served.<name>[<centre>]`.
 * @param sensitiveToo whether a coordinating centre may be named by an offer of a sensitive unit
 */
function factsOf(facts: readonly ServedFact[], sensitiveToo: boolean): readonly CentreFactsServed[] {
  const centres = new Map<string, Map<string, ServedFact>>();
  for (const fact of facts) {
    const [, name, centre] = /^served\.([a-z]+)\[(.+)\]$/.exec(fact.key) ?? [];
    if (name === undefined || centre === undefined) continue;
    const own = centres.get(centre) ?? new Map<string, ServedFact>();
    own.set(name, fact);
    centres.set(centre, own);
  }
  return [...centres].map(([centre, own]) => centreFacts(centre, own, sensitiveToo));
}

function centreFacts(
  centre: string,
  own: ReadonlyMap<string, ServedFact>,
  sensitiveToo: boolean,
): CentreFactsServed {
  const valueOf = (name: string): Json => JSON.parse(own.get(name)?.value ?? 'null') as Json;
  const filiere = valueOf('filiere');
  const network = valueOf('network');
  const label = valueOf('label');
  const campaign = valueOf('campaign');
  const erns = valueOf('ern');
  const sources = [...own.values()].flatMap((fact) =>
    fact.provenance.filter((each) => each.kind === 'source'),
  );
  const dates = sources
    .flatMap((source) => (source.date === undefined ? [] : [source.date.slice(0, 10)]))
    .sort();
  const coordinator = own.get('network')?.coordinator ?? null;
  const recorded = [...own.values()].map((fact) => new Date(fact.at).getTime());
  return {
    centre,
    filiere:
      isJsonObject(filiere) && typeof filiere['code'] === 'string'
        ? { code: filiere['code'], title: typeof filiere['title'] === 'string' ? filiere['title'] : '' }
        : null,
    network: typeof network === 'string' ? network : null,
    label: LABEL_LEVELS.find((level): level is LabelLevel => level === label) ?? null,
    campaign: typeof campaign === 'string' || typeof campaign === 'number' ? String(campaign) : null,
    erns: Array.isArray(erns) ? (erns as Json[]).filter((ern) => typeof ern === 'string') : [],
    coordinator:
      coordinator === null || (coordinator.sensitive && !sensitiveToo) ? null : coordinator.identifier,
    sources: [...new Set(sources.map((source) => source.origin))].sort(),
    sourceDate: dates.at(-1) ?? null,
    recordedAt: new Date(Math.max(...recorded)).toISOString(),
  };
}
