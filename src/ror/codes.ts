import type { CodeSystemConfig } from '../config/schema/codes.js';
import { DataError } from '../domain/errors.js';
import type { JsonObject } from '../domain/json.js';

/** What the code book knows of one code. */
export interface CodeEntry {
  readonly code: string;
  readonly display: string;
  readonly status: 'active' | 'deprecated';
}

/** French typography varies (’ or ', case of « Ile-de-france »): displays are compared by letters and digits only. */
const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/**
 * The codes that filror may write or must recognise, by system URL or short name (`TRE_R344`).
 * Built from configuration; holds no default of its own.
 */
export class CodeBook {
  readonly #byUrl = new Map<string, Map<string, CodeEntry>>();
  readonly #urls = new Map<string, string>();

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
    return folded(entry.display) === folded(display);
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
      remedy: `choisissez un code en vigueur de config/codes (${name}).`,
    });
  }

  /** A CodeableConcept with one coding. @throws DataError as `coding` */
  concept(name: string, code: string): JsonObject {
    return { coding: [this.coding(name, code)] };
  }
}
