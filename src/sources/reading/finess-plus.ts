import { SourceError } from '../../domain/errors.js';
import type { Json } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import { UNREAD, type AsideRow, type RowFault } from '../../domain/rows.js';
import type { DeliveryFacts, SourceInput } from '../contract.js';
import { quoted } from './cells.js';
import { statedDate } from './content-date.js';
import { openJson } from './json.js';
import { textOf } from './json-values.js';

/**
 * Sites that one legal entity may have; an entity with more is set aside whole. The largest of the national extract of
 * 2021-01-08 has 689 open ones, and the flow carries those that closed too (174,821 for 104,805 open in September 2026).
 */
export const MAX_SITES = 10_000;

/** An entity beyond the bound. */
export function tooManySites(locator: Locator, ej: string, sites: number): AsideRow {
  return {
    kind: 'aside',
    code: 'ITEM_TOO_LONG',
    locator,
    field: 'ege',
    value: quoted(ej),
    message: `L’entité juridique a ${String(sites)} établissements (${String(MAX_SITES)} au plus) : aucun n’est lu.`,
    remedy: 'signalez l’élément au propriétaire de la source ; ce qu’on savait de ses établissements reste.',
    key: UNREAD,
  };
}

/** Head of a FINESS+ flow, structures or activities: its content is dated by `generatedAt`, to the nanosecond there. */
export async function inspectFinessPlus(input: SourceInput): Promise<DeliveryFacts> {
  const { facts, header } = await openJson(input);
  return { ...facts, ...statedDate(input, header.get('generatedAt') ?? '', 'generatedAt') };
}

/** @param so what becomes of the record without its date, in French */
export function dateFlag(locator: Locator, field: string, value: Json | undefined, so: string): RowFault {
  const text = quoted(textOf(value));
  return {
    code: /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]|$)/.test(text) ? 'DATE_IMPOSSIBLE' : 'DATE_UNREADABLE',
    locator,
    field,
    value: text,
    message: `« ${text} » (${field}) n’est pas une date du calendrier : ${so}.`,
    remedy: 'signalez l’élément au propriétaire de la source ; il est gardé sans cette date.',
  };
}

/** A field without which the flow is not the one that we know, and how many records may do without it. */
export interface ExpectedField {
  /** Where it stands: `pmej[].ege[].etatObjet`. */
  readonly path: string;
  /** French plural of the records that are counted. */
  readonly among: string;
  /** Share of these records beyond which the file is refused, below 1. */
  readonly tolerated: number;
}

/** Places told one by one; the others are counted. */
const SHOWN_PLACES = 5;

interface Tally {
  all: number;
  missing: number;
  readonly places: string[];
}

/**
 * Counts, while a flow streams, the records that lack the fields that make it: a field that was renamed or dropped would
 * else be read as empty everywhere, and that would take the place of what was known.
 */
export class FieldTally<Field extends string> {
  readonly #tallies: Readonly<Record<Field, Tally>>;

  constructor(private readonly fields: Readonly<Record<Field, ExpectedField>>) {
    const names = Object.keys(fields) as Field[];
    this.#tallies = Object.fromEntries(
      names.map((name) => [name, { all: 0, missing: 0, places: [] }]),
    ) as unknown as Readonly<Record<Field, Tally>>;
  }

  /** @param place path of the record, asked for only when it is told */
  count(field: Field, present: boolean, place: () => string): void {
    const tally = this.#tallies[field];
    tally.all++;
    if (present) return;
    tally.missing++;
    if (tally.places.length < SHOWN_PLACES) tally.places.push(place());
  }

  /** To be called at the end of the file. @throws SourceError `SRC_COLUMN_MISSING` */
  assertPresent(input: SourceInput, schema: string): void {
    const missed = (Object.keys(this.fields) as Field[]).filter((name) => {
      const { all, missing } = this.#tallies[name];
      return missing > all * this.fields[name].tolerated;
    });
    const [first] = missed;
    if (first === undefined) return;
    const told = missed.map((name) => {
      const { path, among } = this.fields[name];
      const { all, missing } = this.#tallies[name];
      return `« ${path} » manque à ${String(missing)} des ${String(all)} ${among}`;
    });
    const { missing, places } = this.#tallies[first];
    const hidden = missing - places.length;
    throw new SourceError({
      code: 'SRC_COLUMN_MISSING',
      message: `Le flux n’a plus la forme connue : ${told.join(' ; ')}. Rien n’en est pris.`,
      place: `${input.fileName}, ${places.join(' ; ')}${hidden > 0 ? ` et ${String(hidden)} autres` : ''}`,
      remedy: `comparez le fichier avec le schéma ${schema} publié par l’ANS : si le champ a changé de nom, signalez-le pour la prochaine version de filror. En attendant, la livraison précédente reste celle qui est employée.`,
    });
  }
}
