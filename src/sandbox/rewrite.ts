import { isLosslessNumber, LosslessNumber } from 'lossless-json';
import { bodyText, isBody, parseBody, type Body, type Value } from './body.js';
import type { Eyes } from './access.js';

/**
 * How a server may answer other text than it was given. All but the last keep the meaning; that one breaks FHIR's JSON:
 * a list of one becomes its item.
 */
export const REWRITINGS = [
  'reorderArrays',
  'addDefaults',
  'rewriteDecimals',
  'rewriteDisplays',
  'unwrapArrays',
] as const;
export type Rewriting = (typeof REWRITINGS)[number];
/** How a server may keep what it was sent; it keeps lists as lists. */
export type StoredRewriting = Exclude<Rewriting, 'unwrapArrays'>;

export function rewritten(body: Body, ways: readonly Rewriting[]): Body {
  return ways.reduce((written, how) => CHANGES[how](written), body);
}

export function rewriting(eyes: Eyes, ways: readonly Rewriting[]): Eyes {
  if (ways.length === 0) return eyes;
  return {
    sees: (stored) => eyes.sees(stored),
    text: (stored) => bodyText(rewritten(parseBody(eyes.text(stored)) as Body, ways)),
  };
}

const CHANGES: Readonly<Record<Rewriting, (body: Body) => Body>> = {
  reorderArrays: (body) =>
    deep(body, (value) => (Array.isArray(value) ? [...value].reverse() : value)) as Body,
  /** `active` is true and a coding is not the user's choice unless somebody says otherwise. */
  addDefaults: (body) => ({
    active: true,
    ...(deep(body, (value) =>
      isBody(value) && value['system'] !== undefined && value['code'] !== undefined
        ? { userSelected: false, ...value }
        : value,
    ) as Body),
  }),
  /** 18 becomes 18.0, 49.20 becomes 49.2: a FHIR decimal says its precision, its value is the same. */
  rewriteDecimals: (body) =>
    deep(body, (value, key) =>
      key === 'value' && isLosslessNumber(value) ? otherDecimal(value) : value,
    ) as Body,
  /** Each code comes with the label of the server's own edition of the list. */
  rewriteDisplays: (body) =>
    deep(body, (value) =>
      isBody(value) && value['system'] !== undefined && value['code'] !== undefined
        ? { ...value, display: `Libellé du serveur pour ${String(value['code'])}` }
        : value,
    ) as Body,
  unwrapArrays: (body) =>
    deep(body, (value) => (Array.isArray(value) && value.length === 1 ? (value[0] ?? null) : value)) as Body,
};

function otherDecimal(number: LosslessNumber): LosslessNumber {
  const text = number.toString();
  if (/^-?[0-9]+$/.test(text)) return new LosslessNumber(`${text}.0`);
  return new LosslessNumber(text.replace(/(\.[0-9]*?)0+$/, '$1').replace(/\.$/, ''));
}

/** Rebuilds a value from its leaves up. */
function deep(value: Value, change: (value: Value, key: string) => Value, key = ''): Value {
  if (Array.isArray(value))
    return change(
      value.map((item) => deep(item, change, key)),
      key,
    );
  if (!isBody(value)) return change(value, key);
  const body: Body = {};
  for (const [name, child] of Object.entries(value))
    if (child !== undefined) body[name] = deep(child, change, name);
  return change(body, key);
}
