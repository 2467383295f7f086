import type { CodeSystemConfig } from '../../config/schema/codes.js';
import { sameLetters } from '../code-names.js';
import { labelsMoved } from './labels.js';
import type { Stated, StatedConcept, StatedSubset, StatedSystem } from './model.js';
import { latest } from './resources.js';

/**
 * What a place says of one code, against what is configured.
 * - `new`: in force there, unknown here. `renamed`: another label, typography aside.
 * - `retired`: in force here; the nomenclature says that it is out of use. `excluded`: still in force, but the value set
 *   of the ROR no longer admits it. `gone`: the whole list does not hold it any more.
 * - `reactivated`: out of use here, in force there. `succession`: out of use on both sides, its successor is new here.
 */
export type CodeMove = 'new' | 'renamed' | 'retired' | 'excluded' | 'gone' | 'reactivated' | 'succession';

/** Moves after which filror may no longer write the code. */
export const LOSSES: readonly CodeMove[] = ['retired', 'excluded', 'gone'];

export interface CodeDifference {
  readonly code: string;
  readonly move: CodeMove;
  /** Label here; null for a new code. */
  readonly before: string | null;
  /** Label there; null when it gives none. */
  readonly after: string | null;
  /** ISO day of the retirement, when it is stated. */
  readonly on: string | null;
  /** The successor that the place itself states; null without one, or with several. */
  readonly successor: string | null;
  /** The code of the same list that bore this label until now; null for a label that no other code had. */
  readonly labelOf: string | null;
}

/** What a difference says before the whole list is looked at. */
type OwnDifference = Omit<CodeDifference, 'labelOf'>;

/** What a place says of one configured nomenclature. */
export interface SystemDifference {
  readonly name: string;
  readonly system: string;
  /** `complete`: silence about a code means that it does not exist. `absent`: the place says nothing of this system. */
  readonly extent: 'complete' | 'fragment' | 'absent';
  readonly version: { readonly before: string; readonly after: string | null };
  readonly differences: readonly CodeDifference[];
  /** Codes in force there and not followed here, in a file that holds a choice of codes. */
  readonly notFollowed: number;
  /** `missing`: the ROR binds a value set that the place does not give: new codes are not held against it. */
  readonly valueSet: 'read' | 'missing' | 'none';
  /** French remarks: a retirement announced, a value set retired. */
  readonly notes: readonly string[];
  readonly place: string | null;
}

/** `JDV_J227-NiveauExpertise-ROR` → its canonical address, by the rule of the NOS. */
export function valueSetUrl(valueSet: string | undefined): string | null {
  if (valueSet === undefined) return null;
  return `https://mos.esante.gouv.fr/NOS/${valueSet}/FHIR/${valueSet.replace('_', '-')}`;
}

/** Order of concepts, of files and of answers plays no part. */
export function compareSystem(config: CodeSystemConfig, stated: Stated, today: string): SystemDifference {
  const named = stated.systems.filter(({ url }) => url === config.system);
  // `not-present`: the place knows the nomenclature and gives none of its codes.
  const system = latest(named.filter(({ extent, concepts }) => extent === 'complete' || concepts.size > 0));
  const wanted = config.valueSet?.replace('_', '-');
  const subset = latest(
    stated.subsets.filter(
      (each) => each.system === config.system && each.valueSet.split('/').at(-1) === wanted,
    ),
  );
  if (system === null && subset === null) return absent(config, named.length > 0 ? 'named' : 'unknown');
  const found = new Comparison(config, system, subset, stated);
  const differences = found.all();
  return {
    name: config.name,
    system: config.system,
    extent: system?.extent ?? 'fragment',
    // A part of a nomenclature is no new version of the whole.
    version: { before: config.version, after: system?.extent === 'complete' ? system.version : null },
    differences,
    notFollowed: config.chosen ? found.unknownHere().length : 0,
    valueSet: subset !== null ? 'read' : config.valueSet === undefined ? 'none' : 'missing',
    notes: found.notes(today),
    place: system?.place ?? subset?.place ?? null,
  };
}

/** True when a pull would change something. */
export function differs({ version, differences }: SystemDifference): boolean {
  return differences.length > 0 || (version.after !== null && version.after !== version.before);
}

class Comparison {
  constructor(
    readonly config: CodeSystemConfig,
    readonly system: StatedSystem | null,
    readonly subset: StatedSubset | null,
    readonly stated: Stated,
  ) {}

  all(): CodeDifference[] {
    const { active, deprecated, chosen } = this.config;
    const found: OwnDifference[] = [
      ...Object.entries(active).flatMap(([code, display]) => this.#ofActive(code, display) ?? []),
      ...Object.entries(deprecated).flatMap(([code, display]) => this.#ofDeprecated(code, display) ?? []),
    ];
    // A successor is followed even where the file holds a choice: it stands for a code that was chosen.
    const heirs = new Set(found.flatMap(({ successor }) => successor ?? []));
    const added = this.unknownHere().filter((code) => !chosen || heirs.has(code));
    for (const code of added) {
      const after = this.#display(code);
      if (after !== null) found.push({ code, move: 'new', before: null, after, on: null, successor: null });
    }
    const leaving = new Set(found.filter(({ move }) => LOSSES.includes(move)).map(({ code }) => code));
    const moved = labelsMoved(this.config, found, leaving);
    return found
      .map((each) => ({ ...each, labelOf: moved.get(each.code) ?? null }))
      .sort((a, b) => (a.code < b.code ? -1 : 1));
  }

  /** Codes that may be written there and that the file does not know. */
  unknownHere(): string[] {
    const { active, deprecated } = this.config;
    const codes = new Set([...(this.system?.concepts.keys() ?? []), ...(this.subset?.codes?.keys() ?? [])]);
    return [...codes].filter(
      (code) => !Object.hasOwn(active, code) && !Object.hasOwn(deprecated, code) && this.#inUse(code),
    );
  }

  notes(today: string): string[] {
    const { config, system, subset } = this;
    const notes: string[] = [];
    if (system !== null && system.status !== 'active')
      notes.push(`la nomenclature elle-même est à l’état « ${system.status} »`);
    if (subset !== null && subset.status !== 'active')
      notes.push(`le jeu de valeurs ${config.valueSet ?? ''} est à l’état « ${subset.status} »`);
    for (const [code, display] of Object.entries(config.active)) {
      const concept = system?.concepts.get(code);
      if (concept?.status === 'active' && concept.retiredOn !== null && concept.retiredOn > today)
        notes.push(`${code} ${display} : retrait annoncé pour le ${concept.retiredOn}`);
    }
    return notes;
  }

  #ofActive(code: string, before: string): OwnDifference | null {
    const concept = this.system?.concepts.get(code);
    const move = this.#loss(code, concept);
    const after = this.#display(code);
    if (move !== null)
      return {
        code,
        move,
        before,
        after,
        on: concept?.retiredOn ?? null,
        successor: this.#successor(code, concept),
      };
    if (after === null || sameLetters(before, after)) return null;
    return { code, move: 'renamed', before, after, on: null, successor: null };
  }

  #ofDeprecated(code: string, before: string): OwnDifference | null {
    const concept = this.system?.concepts.get(code);
    const after = this.#display(code);
    const found = { code, before, after, on: null, successor: null };
    if (this.#inUse(code)) return { ...found, move: 'reactivated' };
    if (concept === undefined) return null;
    const successor = this.#successor(code, concept);
    // What a person wrote by hand stands: only what nobody said yet is news.
    if (successor !== null && this.config.successors[code] === undefined)
      return { ...found, move: 'succession', successor };
    return after === null || sameLetters(before, after) ? null : { ...found, move: 'renamed' };
  }

  #loss(code: string, concept: StatedConcept | undefined): CodeMove | null {
    if (concept?.status === 'retired') return 'retired';
    if (this.subset?.codes != null && !this.subset.codes.has(code)) return 'excluded';
    return concept === undefined && this.system?.extent === 'complete' ? 'gone' : null;
  }

  /** In force, and admitted by the value set of the ROR when one is read. */
  #inUse(code: string): boolean {
    const concept = this.system?.concepts.get(code);
    if (concept?.status === 'retired') return false;
    if (concept === undefined && this.system?.extent === 'complete') return false;
    if (this.subset?.codes != null) return this.subset.codes.has(code);
    return concept !== undefined;
  }

  #display(code: string): string | null {
    return this.system?.concepts.get(code)?.display ?? this.subset?.codes?.get(code) ?? null;
  }

  /** One successor that may be written, stated by the concept or by a ConceptMap; several are for a person. */
  #successor(code: string, concept: StatedConcept | undefined): string | null {
    const mapped = this.stated.successions
      .filter(({ system, from }) => system === this.config.system && from === code)
      .map(({ to }) => to);
    const [only, ...others] = [...new Set([...(concept?.successors ?? []), ...mapped])];
    if (only === undefined || others.length > 0) return null;
    const known =
      Object.hasOwn(this.config.active, only) && this.#loss(only, this.system?.concepts.get(only)) === null;
    return known || (this.#inUse(only) && this.#display(only) !== null) ? only : null;
  }
}

function absent(config: CodeSystemConfig, known: 'named' | 'unknown'): SystemDifference {
  return {
    name: config.name,
    system: config.system,
    extent: 'absent',
    version: { before: config.version, after: null },
    differences: [],
    notFollowed: 0,
    valueSet: 'none',
    notes: known === 'named' ? ['la nomenclature y est nommée sans ses codes (content: not-present)'] : [],
    place: null,
  };
}
