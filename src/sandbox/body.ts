import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json';

/**
 * Bodies are kept losslessly: a plain `JSON.parse` would turn 49.20 into 49.2 (a FHIR decimal keeps its precision).
 * A plain number is accepted too, so that a test can write one.
 */
export type Value = string | number | boolean | null | LosslessNumber | Value[] | Body;
export interface Body {
  [key: string]: Value | undefined;
}

/** @throws SyntaxError on text that is not JSON, and on a key given twice with two values. */
export function parseBody(text: string): Value {
  return parse(text) as Value;
}

export function bodyText(value: Value): string {
  return stringify(value) ?? 'null';
}

export function isBody(value: Value | undefined): value is Body {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LosslessNumber)
  );
}

export function cloneBody(body: Body): Body {
  return parseBody(bodyText(body)) as Body;
}

/** Value as a list: an element that FHIR repeats is an array, whatever the sender made of it. */
export function asList(value: Value | undefined): readonly Value[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

export function bodiesOf(value: Value | undefined): readonly Body[] {
  return asList(value).filter((item) => isBody(item));
}

export function textOf(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** Integer of a JSON number, else null. */
export function integerOf(value: Value | undefined): number | null {
  const number = isLosslessNumber(value) ? Number(value.toString()) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : null;
}

export interface Coding {
  readonly system: string | null;
  readonly code: string | null;
}

/** Codings of CodeableConcepts, or the value itself when it is a Coding (`operationalStatus`, `meta.tag`). */
export function codingsOf(value: Value | undefined): readonly Coding[] {
  return bodiesOf(value).flatMap((concept) => {
    const codings = concept['coding'] === undefined ? [concept] : bodiesOf(concept['coding']);
    return codings.map((coding) => ({ system: textOf(coding['system']), code: textOf(coding['code']) }));
  });
}

export function hasExtension(body: Body, url: string): boolean {
  return bodiesOf(body['extension']).some((extension) => extension['url'] === url);
}

/** `Organization/12` of a Reference, without base nor version; null when it is not a literal reference. */
export function referenceOf(value: Value | undefined): string | null {
  const reference = isBody(value) ? textOf(value['reference']) : null;
  const match = /(?:^|\/)([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/.exec(reference ?? '');
  return match?.[1] ?? null;
}
