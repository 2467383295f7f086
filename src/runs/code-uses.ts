import { crosswalkCodes, defaultCodes } from '../config/cross-check.js';
import type { FilrorConfig } from '../config/load.js';
import { appliedElements } from '../db/applied.js';
import type { Db } from '../db/types.js';
import { counted } from '../domain/counted.js';
import { isJsonObject, type Json } from '../domain/json.js';
import { CLOSURE_CODE } from '../ror/closure.js';

/** Where filror writes or recognises each code, in French, by `name|code`. */
export type CodeUses = ReadonlyMap<string, readonly string[]>;

export const useKey = (name: string, code: string): string => `${name}|${code}`;

/** Codes that stand in the code itself: the frame of an offer and its closure. */
const FRAME = [{ system: 'TRE_R355', code: '35' }, CLOSURE_CODE];

/**
 * What touches the reader first: codes of the configuration, and those that stand in what was written.
 * @param region null: the configuration alone, no database is asked
 */
export async function codeUses(
  config: Pick<FilrorConfig, 'codes' | 'crosswalk' | 'defaults' | 'regions'>,
  region: { readonly db: Db; readonly code: string } | null,
): Promise<CodeUses> {
  const uses = new Map<string, string[]>();
  const add = (name: string, code: string, use: string): void => {
    const known = uses.get(useKey(name, code));
    if (known === undefined) uses.set(useKey(name, code), [use]);
    else known.push(use);
  };
  if (region !== null) {
    const names = new Map(config.codes.map(({ name, system }) => [system, name]));
    for (const [system, byCode] of offersByCode(await appliedElements(region.db, region.code)))
      for (const [code, offers] of byCode) {
        const name = names.get(system);
        if (name !== undefined)
          add(name, code, `écrit dans ${counted(offers.size, 'offre')} de la région ${region.code}`);
      }
  }
  for (const { system, code, path } of defaultCodes(config.defaults))
    add(system, code, `écrit (ror-defaults.yaml, ${path})`);
  for (const { system, code, path, use } of crosswalkCodes(config.crosswalk))
    add(system, code, `${use === 'written' ? 'écrit' : 'reconnu'} (crosswalk.yaml, ${path})`);
  for (const { system, code } of FRAME) add(system, code, 'écrit par filror lui-même');
  for (const code of config.regions.keys()) add('TRE_R30', code, 'écrit (région configurée)');
  return uses;
}

type Applied = Awaited<ReturnType<typeof appliedElements>>;

/** Offers in which each coding stands as we last read it back, by system and code. */
function offersByCode(applied: Applied): Map<string, Map<string, Set<string>>> {
  const found = new Map<string, Map<string, Set<string>>>();
  for (const [identifier, elements] of applied) {
    for (const { readBack, channel } of elements.values()) {
      if (channel !== 'ror' || readBack === null) continue;
      for (const { system, code } of codingsIn(readBack)) {
        const byCode = found.get(system) ?? new Map<string, Set<string>>();
        found.set(system, byCode);
        byCode.set(code, (byCode.get(code) ?? new Set()).add(identifier));
      }
    }
  }
  return found;
}

function* codingsIn(value: Json): Iterable<{ readonly system: string; readonly code: string }> {
  if (Array.isArray(value)) for (const item of value as Json[]) yield* codingsIn(item);
  else if (isJsonObject(value)) {
    const { system, code } = value;
    if (typeof system === 'string' && typeof code === 'string') yield { system, code };
    for (const item of Object.values(value)) yield* codingsIn(item);
  }
}
