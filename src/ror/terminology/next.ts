import type { CodeSystemConfig } from '../../config/schema/codes.js';
import { counted } from '../../domain/counted.js';
import { DataError } from '../../domain/errors.js';
import { sameLetters } from '../code-names.js';
import { LOSSES, type CodeDifference, type SystemDifference } from './compare.js';
import { isRelabelled } from './labels.js';

/** Share of the codes in force that must stay so, and of the labels (the shrink limit of every source, gate X15). */
const KEPT_AT_LEAST = 0.9;
/** Codes named in a refusal; `codes diff` shows every one. */
const NAMED = 10;

/**
 * Why a nomenclature may not be taken as it is: older than what is followed, emptied or shrunk, labels that pass from one
 * code to another, or too many new labels at once. One code that the nomenclature itself retires is no shrinking, and one
 * code renamed no shuffle, however short the list.
 * @returns French, one sentence each; none for one that may be taken
 */
export function refusals(config: CodeSystemConfig, difference: SystemDifference): string[] {
  const { version, differences } = difference;
  if (isOlder(version.after, config.version))
    return [
      `${config.name} : la version donnée (${version.after ?? ''}) est plus ancienne que celle suivie (${config.version})`,
    ];
  if (isInstant(config.version) && version.after !== null && !isInstant(version.after))
    return [
      `${config.name} : la version donnée (${version.after}) ne se compare pas à celle suivie (${config.version}) : on ne peut pas dire laquelle est la plus récente`,
    ];
  return [lossOf(config, differences), shuffleOf(differences), renamingOf(config, differences)]
    .filter((why) => why !== null)
    .map((why) => `${config.name} : ${why}`);
}

type Differences = readonly CodeDifference[];

function lossOf({ active }: CodeSystemConfig, differences: Differences): string | null {
  const lost = differences.filter(({ move }) => LOSSES.includes(move));
  const before = Object.keys(active).length;
  if (lost.length === 1 && lost[0]?.move === 'retired' && before > 1) return null;
  if (lost.length <= before * (1 - KEPT_AT_LEAST)) return null;
  return `${String(lost.length)} des ${String(before)} codes en vigueur disparaîtraient (${named(lost.map(({ code }) => code))})`;
}

function shuffleOf(differences: Differences): string | null {
  const taken = differences.flatMap(({ code, labelOf }) =>
    labelOf === null ? [] : [`${code} prendrait celui de ${labelOf}`],
  );
  if (taken.length === 0) return null;
  return `${counted(taken.length, 'libellé passerait', 'libellés passeraient')} d’un code à un autre (${named(taken)})`;
}

function renamingOf({ active, deprecated }: CodeSystemConfig, differences: Differences): string | null {
  const renamed = differences.filter(isRelabelled);
  const labels = Object.keys(active).length + Object.keys(deprecated).length;
  if (renamed.length <= Math.max(1, labels * (1 - KEPT_AT_LEAST))) return null;
  return `${String(renamed.length)} des ${String(labels)} libellés changeraient, plus de 10 % (${named(renamed.map(({ code }) => code))})`;
}

function named(texts: readonly string[]): string {
  const others = texts.length - NAMED;
  return `${texts.slice(0, NAMED).join(', ')}${others > 0 ? `, et ${counted(others, 'autre')}` : ''}`;
}

/** Versions of the NOS are instants, `20260730120000`; those of other makers are not compared. */
function isOlder(after: string | null, before: string): boolean {
  return after !== null && isInstant(after) && isInstant(before) && after < before;
}

function isInstant(version: string): boolean {
  return /^\d{14}$/.test(version);
}

/** @throws DataError `CODES_LOSS` naming every nomenclature that is refused */
export function refuseLosses(refused: readonly string[], place: string): void {
  if (refused.length === 0) return;
  throw new DataError({
    code: 'CODES_LOSS',
    message: `Refusé, rien n’a été écrit :\n${refused.map((why) => `  ✖ ${why}`).join('\n')}`,
    place,
    remedy:
      'vérifiez que la nomenclature est entière et récente, et que chaque code garde son sens (« filror codes diff », au terminal, montre chaque code et son libellé) ; si c’est voulu, ajoutez --accept-loss.',
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
