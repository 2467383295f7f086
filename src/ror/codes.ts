import type { CodeSystemConfig } from '../config/schema/codes.js';
import { DataError } from '../domain/errors.js';
import type { JsonObject } from '../domain/json.js';
import { NEAR_ENOUGH, nearNames, sameLetters } from './code-names.js';

/** What the code book knows of one code. */
export interface CodeEntry {
  readonly code: string;
  readonly display: string;
  readonly status: 'active' | 'deprecated';
}

/** What is to be written where a code is asked for. */
export interface CodeInForce {
  readonly code: string;
  /** The retired code that it stands for; null when the code asked for is in force itself. */
  readonly replaces: string | null;
  /** False when nobody stated the succession: only the names are near. */
  readonly stated: boolean;
}

/**
 * The codes that filror may write or must recognise, by system URL or short name (`TRE_R344`).
 * Built from configuration; holds no default of its own.
 */
export class CodeBook {
  readonly #byUrl = new Map<string, Map<string, CodeEntry>>();
  readonly #urls = new Map<string, string>();
  readonly #systems = new Map<string, CodeSystemConfig>();

  constructor(systems: readonly CodeSystemConfig[]) {
    for (const system of systems) {
      const entries = new Map<string, CodeEntry>();
      for (const [code, display] of Object.entries(system.deprecated)) {
        entries.set(code, { code, display, status: 'deprecated' });
      }
      for (const [code, display] of Object.entries(system.active)) {
        entries.set(code, { code, display, status: 'active' });
      }
      this.#byUrl.set(system.system, entries);
      this.#urls.set(system.name, system.system);
      this.#systems.set(system.name, system);
    }
  }

  /** URL of a system by short name. A name that is not configured is a programmer's error. */
  url(name: string): string {
    const url = this.#urls.get(name);
    if (url === undefined) throw new Error(`no code system ${name} in config/codes`);
    return url;
  }

  /** True when the system's URL is one of ours: its codes can then be checked. */
  knows(system: string): boolean {
    return this.#byUrl.has(system);
  }

  /** @param system URL or short name. @returns null for an unknown system or code. */
  find(system: string, code: string): CodeEntry | null {
    return this.#byUrl.get(this.#urls.get(system) ?? system)?.get(code) ?? null;
  }

  /** Active entries of a system, in code order. */
  active(name: string): CodeEntry[] {
    return [...(this.#byUrl.get(this.url(name)) ?? new Map<string, CodeEntry>()).values()]
      .filter((entry) => entry.status === 'active')
      .sort((a, b) => (a.code < b.code ? -1 : 1));
  }

  /** "11 Centre de compétences labellisé"; the bare code when it is unknown. */
  text(name: string, code: string): string {
    const entry = this.find(name, code);
    return entry === null ? code : `${code} ${entry.display}`;
  }

  /** True when `display` is the official one, typography and case aside. */
  displayFits(entry: CodeEntry, display: string): boolean {
    return sameLetters(entry.display, display);
  }

  /** Version of a nomenclature, as configured. */
  version(name: string): string {
    return this.#systems.get(name)?.version ?? 'inconnue';
  }

  /**
   * The code itself when it is in force; its successor when it is retired: the one that the nomenclature or a person
   * states (`successors`, followed from one to the next), else the only code in force whose name is near. Null when
   * nobody can say: a question.
   * @throws Error when the system is not configured
   */
  inForce(name: string, code: string): CodeInForce | null {
    const entry = this.find(this.url(name), code);
    if (entry === null) return null;
    if (entry.status === 'active') return { code, replaces: null, stated: true };
    const stated = this.#stated(name, code);
    if (stated !== null) return { code: stated, replaces: code, stated: true };
    const [best, second] = this.#near(name, entry);
    if (best === undefined || best.share < NEAR_ENOUGH || best.share === second?.share) return null;
    return { code: best.named.code, replaces: code, stated: false };
  }

  /** Codes in force whose names are near that of a retired one, best first, for a person to choose from. */
  near(name: string, code: string): CodeEntry[] {
    const entry = this.find(this.url(name), code);
    return entry === null
      ? []
      : this.#near(name, entry).flatMap(({ named }) => this.find(name, named.code) ?? []);
  }

  #near(name: string, { display }: CodeEntry) {
    return nearNames(display, this.active(name));
  }

  /** Follows what is stated to a code in force; null when it leads nowhere or in circles. */
  #stated(name: string, code: string): string | null {
    const successors = this.#systems.get(name)?.successors ?? {};
    const seen = new Set<string>();
    for (let at = code; !seen.has(at);) {
      seen.add(at);
      const next = Object.hasOwn(successors, at) ? successors[at] : undefined;
      if (next === undefined) return null;
      if (this.find(name, next)?.status === 'active') return next;
      at = next;
    }
    return null;
  }

  /**
   * A Coding with system, code and official display, to be written.
   * @throws DataError `ROR_CODE_UNKNOWN`, `ROR_CODE_RETIRED`: such codes are read but never written
   */
  coding(name: string, code: string): JsonObject {
    const entry = this.find(name, code);
    if (entry?.status === 'active') return { system: this.url(name), code, display: entry.display };
    throw new DataError({
      code: entry === null ? 'ROR_CODE_UNKNOWN' : 'ROR_CODE_RETIRED',
      message:
        entry === null
          ? `Le code ${code} n’existe pas dans ${name}.`
          : `Le code ${this.text(name, code)} de ${name} n’est plus en vigueur.`,
      place: name,
      remedy: this.#remedy(name, code),
    });
  }

  #remedy(name: string, code: string): string {
    const heir = this.find(name, code) === null ? null : this.inForce(name, code);
    if (heir === null || heir.replaces === null)
      return `choisissez un code en vigueur de config/codes (${name}).`;
    return `écrivez ${this.text(name, heir.code)}, ${heir.stated ? 'qui lui succède' : 'le plus proche par son libellé'}, ou choisissez un autre code en vigueur de config/codes (${name}).`;
  }

  /** A CodeableConcept with one coding. @throws DataError as `coding` */
  concept(name: string, code: string): JsonObject {
    return { coding: [this.coding(name, code)] };
  }
}
