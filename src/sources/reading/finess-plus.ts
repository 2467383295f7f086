import type { DeliveryFacts, SourceInput } from '../contract.js';
import { openJson } from './json.js';

/** Head of a FINESS+ flow, structures or activities: its content is dated by `generatedAt`, to the nanosecond there. */
export async function inspectFinessPlus(input: SourceInput): Promise<DeliveryFacts> {
  const { facts, header } = await openJson(input);
  const generated = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?=T)/.exec(header.get('generatedAt') ?? '');
  return { ...facts, contentDate: generated?.[0] ?? null };
}
