import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import type { CodeBook } from './codes.js';

/** One fault of an offer. `code` is stable and names one fault; `message` and `remedy` are French. */
export interface Finding {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** Element concerned, as people read it: `characteristic[careMode]`. */
  readonly element: string;
  readonly message: string;
  readonly remedy: string;
}

/** Collects the findings of one offer. */
export class OfferCheck {
  readonly findings: Finding[] = [];

  constructor(readonly codes: CodeBook) {}

  fault(code: string, element: string, message: string, remedy: string): void {
    this.findings.push({ code, severity: 'error', element, message, remedy });
  }

  warn(code: string, element: string, message: string, remedy: string): void {
    this.findings.push({ code, severity: 'warning', element, message, remedy });
  }

  /** A CodeableConcept: one coding, of one of these systems, in force, with its own display. @returns the code, or null */
  concept(element: string, concept: Json | undefined, systems: readonly string[]): string | null {
    const codings = isJsonObject(concept) ? listOf(concept, 'coding') : [];
    if (codings.length === 0) {
      this.fault('OFFER_CODING_NONE', element, 'Aucun code n’est donné.', 'choisissez un code de la liste.');
      return null;
    }
    if (codings.length > 1) {
      this.fault(
        'OFFER_CODING_MANY',
        element,
        `Le même concept porte ${codings.length} codes : un lecteur n’en retiendra qu’un, on ne sait lequel.`,
        'gardez un seul code par concept.',
      );
    }
    const results = codings.map((coding) => this.#coding(element, coding, systems));
    return results[0] ?? null;
  }

  #coding(element: string, coding: JsonObject, systems: readonly string[]): string | null {
    const { system, code, display } = coding;
    if (typeof system !== 'string' || typeof code !== 'string') {
      this.fault(
        'OFFER_CODING_INCOMPLETE',
        element,
        'Le code ou son système manque.',
        'donnez les deux : « system » et « code ».',
      );
      return null;
    }
    const allowed = systems.map((name) => this.codes.url(name));
    if (!allowed.includes(system)) {
      this.fault(
        'OFFER_SYSTEM',
        element,
        `Le système ${system} n’est pas celui de cet élément.`,
        `utilisez ${systems.join(' ou ')}.`,
      );
      return null;
    }
    const entry = this.codes.find(system, code);
    if (entry === null) {
      this.fault(
        'OFFER_CODE_UNKNOWN',
        element,
        `Le code ${code} n’existe pas dans ${systems.join(' ou ')}.`,
        'choisissez un code de la liste.',
      );
      return code;
    }
    if (entry.status === 'deprecated') {
      this.fault(
        'OFFER_CODE_RETIRED',
        element,
        `Le code ${code} ${entry.display} n’est plus en vigueur.`,
        'choisissez un code en vigueur.',
      );
    }
    if (display !== undefined && (typeof display !== 'string' || !this.codes.displayFits(entry, display))) {
      this.fault(
        'OFFER_DISPLAY',
        element,
        `Le libellé « ${String(display)} » n’est pas celui du code ${code} (${entry.display}).`,
        'vérifiez lequel des deux est faux, le code ou le libellé.',
      );
    }
    return code;
  }
}

/** Objects of an array property; [] when it is absent or no array. */
export function listOf(owner: JsonObject, name: string): JsonObject[] {
  const list = owner[name];
  return Array.isArray(list) ? (list as Json[]).filter(isJsonObject) : [];
}

/** FHIR `instant` or `dateTime` with a time and a zone, of an existing day. */
export function isInstant(value: Json | undefined): boolean {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(value) &&
    isDay(value.slice(0, 10)) &&
    !Number.isNaN(Date.parse(value))
  );
}

/** FHIR `dateTime`: a year, a month, a day, or an instant. */
export function isDateTime(value: Json | undefined): boolean {
  if (typeof value !== 'string') return false;
  if (/^\d{4}(-\d{2})?$/.test(value)) return isDay(`${value}-01-01`.slice(0, 10));
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? isDay(value) : isInstant(value);
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
