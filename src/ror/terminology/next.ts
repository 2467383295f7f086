import type { CodeSystemConfig } from '../../config/schema/codes.js';
import { DataError } from '../../domain/errors.js';
import { sameLetters } from '../code-names.js';
import { LOSSES, type CodeDifference, type SystemDifference } from './compare.js';

/** Share of the codes in force that must stay so (the shrink limit of every source, gate X15). */
const KEPT_AT_LEAST = 0.9;

/**
 * Why a nomenclature may not be taken as it is: emptied, shrunk, or older than what is followed. One code that the
 * nomenclature itself retires is no shrinking, however short the list.
 * @returns French, or null
 */
export function refusal(config: CodeSystemConfig, { version, differences }: SystemDifference): string | null {
  if (isOlder(version.after, config.version))
    return `${config.name} : la version donnée (${version.after ?? ''}) est plus ancienne que celle suivie (${config.version})`;
  const lost = differences.filter(({ move }) => LOSSES.includes(move));
  const before = Object.keys(config.active).length;
  if (lost.length === 1 && lost[0]?.move === 'retired' && before > 1) return null;
  if (lost.length <= before * (1 - KEPT_AT_LEAST)) return null;
  return `${config.name} : ${String(lost.length)} des ${String(before)} codes en vigueur disparaîtraient (${lost
    .slice(0, 5)
    .map(({ code }) => code)
    .join(', ')}${lost.length > 5 ? '…' : ''})`;
}

/** Versions of the NOS are instants, `20260730120000`; those of other makers are not compared. */
function isOlder(after: string | null, before: string): boolean {
  return after !== null && /^\d{14}$/.test(after) && /^\d{14}$/.test(before) && after < before;
}

/** @throws DataError `CODES_LOSS` naming every nomenclature that is refused */
export function refuseLosses(refused: readonly string[], place: string): void {
  if (refused.length === 0) return;
  throw new DataError({
    code: 'CODES_LOSS',
    message: `Refusé, rien n’a été écrit :\n${refused.map((why) => `  ✖ ${why}`).join('\n')}`,
    place,
    remedy:
      'vérifiez que la nomenclature est entière et récente (« filror codes diff », au terminal, montre chaque code) ; si c’est voulu, ajoutez --accept-loss.',
  });
}

/**
 * The file's content once the differences are taken: no code is ever deleted, one that is out of use moves to
 * `deprecated` with its label. What is only proposed as a successor is never written.
 * @param readFrom where it was read, for `source`
 */
export function nextConfig(
  config: CodeSystemConfig,
  difference: SystemDifference,
  readFrom: string,
): CodeSystemConfig {
  const active = new Map(Object.entries(config.active));
  const deprecated = new Map(Object.entries(config.deprecated));
  const successors = new Map(Object.entries(config.successors));
  for (const each of difference.differences) {
    const { code, move } = each;
    const label = labelOf(each);
    if (move === 'renamed') (active.has(code) ? active : deprecated).set(code, label);
    else if (move === 'new' || move === 'reactivated') {
      deprecated.delete(code);
      successors.delete(code);
      active.set(code, label);
    } else {
      active.delete(code);
      deprecated.set(code, label);
      if (each.successor !== null && !successors.has(code)) successors.set(code, each.successor);
    }
  }
  return {
    ...config,
    version: difference.version.after ?? config.version,
    source: readFrom,
    active: inOrder(active),
    deprecated: inOrder(deprecated),
    successors: inOrder(successors),
  };
}

/** The label of the nomenclature, unless only its typography moved. */
function labelOf({ code, before, after }: CodeDifference): string {
  if (before === null) return after ?? code;
  return after === null || sameLetters(before, after) ? before : after;
}

function inOrder(entries: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
