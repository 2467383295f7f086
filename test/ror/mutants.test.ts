import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { validateOffer } from '../../src/ror/validate.js';
import { codes, hasShared, ID_A, offer, officialValidate } from './essai.js';

/** "Centre d'essai 1" with all that an offer of ours may carry. */
const good = offer({
  specificActs: ['1635'],
  contacts: [
    { nature: '07', channel: '2', confidentiality: '1', value: '02 31 00 00 00' },
    { nature: '15', channel: 'MSSANTE', confidentiality: '2', value: 'essai@chu-essai.mssante.fr' },
  ],
});

type Path = readonly (string | number)[];

function paths(value: Json, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Array.isArray(value)
    ? (value as Json[]).map((item, index): [number, Json] => [index, item])
    : Object.entries(value as JsonObject);
  return [at, ...inner.flatMap(([name, item]) => paths(item as Json, [...at, name]))];
}

/** The offer with one place changed: `change` receives the owner of the place and its name there. */
function mutant(path: Path, change: (owner: Record<string, Json>, name: string) => void): JsonObject {
  const draft = structuredClone(good);
  let owner = draft as unknown as Record<string, Json>;
  for (const name of path.slice(0, -1)) owner = owner[name] as Record<string, Json>;
  change(owner, String(path.at(-1)));
  return draft;
}

const CHANGES: Readonly<Record<string, (owner: Record<string, Json>, name: string) => void>> = {
  removed: (owner, name) => {
    if (Array.isArray(owner)) owner.splice(Number(name), 1);
    else delete owner[name];
  },
  doubled: (owner, name) => {
    const value = owner[name] as Json;
    if (Array.isArray(owner)) owner.push(structuredClone(value));
    else owner[name] = [value, structuredClone(value)];
  },
  misnamed: (owner, name) => {
    if (Array.isArray(owner)) return;
    owner[`${name}X`] = owner[name] as Json;
    delete owner[name];
  },
  'made a number': (owner, name) => void (owner[name] = 7),
  'made a text': (owner, name) => void (owner[name] = 'essai'),
  'made an object': (owner, name) => void (owner[name] = { essai: true }),
  'made a list': (owner, name) => void (owner[name] = ['essai']),
  emptied: (owner, name) => void (owner[name] = ''),
};

const refusedByUs = (resource: JsonObject): boolean =>
  validateOffer(resource, codes, [ID_A]).some((finding) => finding.severity === 'error');

describe.skipIf(!hasShared)('one-place mutants of a good offer', () => {
  it('are refused by us wherever the official kit refuses them', async () => {
    const official = await officialValidate();
    // The kit itself stumbles on a few shapes (an address that is a number): then it gives no verdict.
    const faults = (resource: unknown): string[] => {
      try {
        return official(resource)
          .filter((issue) => issue.severity === 'error')
          .map((issue) => issue.where);
      } catch (error) {
        if (error instanceof TypeError) return [];
        throw error;
      }
    };
    expect(faults(good)).toEqual([]);
    const missed: string[] = [];
    let refused = 0;
    for (const path of paths(good as Json).filter((each) => each.length > 0)) {
      for (const [what, change] of Object.entries(CHANGES)) {
        const resource = mutant(path, change);
        const [where] = faults(resource);
        if (where === undefined) continue;
        refused++;
        if (!refusedByUs(resource)) missed.push(`${path.join('.')} ${what}: ${where}`);
      }
    }
    expect(refused).toBeGreaterThan(500);
    expect(missed).toEqual([]);
  });
});
