import { fold } from '../normalise/text.js';
import type { Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { ReadyCentre } from './centre-facts.js';
import type { Material } from './material.js';

/**
 * One centre written twice? Two rows of one network or title, filière and legal entity, whose site and public do not
 * contradict each other (« mixte » of one list holds any public of another), are one centre by definition (DESIGN 2: network × establishment × public) unless somebody
 * knows better: most often a hospital spelled in two ways. Each pair is a question to a person, answered like the
 * question of continuity; a centre whose offer is already ours is not held back by a row that came later.
 */
export function twinReasons(
  centres: readonly ReadyCentre[],
  material: Material,
): ReadonlyMap<CentreId, readonly Reason[]> {
  const alike = new Map<string, ReadyCentre[]>();
  for (const ready of centres) {
    if (ready.ej === null) continue;
    const { network, title, filiere } = ready.centre;
    const key = `${fold(filiere)}|${fold(network ?? title)}|${ready.ej}`;
    alike.set(key, [...(alike.get(key) ?? []), ready]);
  }
  const linked = new Set(material.links.map((link) => link.centre));
  const reasons = new Map<CentreId, Reason[]>();
  for (const group of alike.values()) {
    for (const one of group) {
      if (linked.has(one.centre.id)) continue;
      const candidates = group
        .filter((other) => other !== one && !contradict(one, other) && !toldApart(one, other, material))
        .map((other) => ({ value: other.centre.id, label: labelOf(other) }));
      if (candidates.length === 0) continue;
      reasons.set(one.centre.id, [
        {
          code: 'twin',
          blocking: true,
          message:
            'Deux lignes pour un seul centre ? Même filière, même réseau ou titre, même établissement.',
          candidates,
        },
      ]);
    }
  }
  return reasons;
}

function contradict(one: ReadyCentre, other: ReadyCentre): boolean {
  const differ = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
  return (
    differ(one.facts.eg, other.facts.eg) ||
    (differ(one.facts.public, other.facts.public) && !saysMore(one, other))
  );
}

/** One list says « mixte » of what another says « pédiatrique »; within one list these are two centres. */
function saysMore(one: ReadyCentre, other: ReadyCentre): boolean {
  const sources = new Set(one.centre.observations.map(({ source }) => source));
  return (
    (one.facts.public === 'mixte' || other.facts.public === 'mixte') &&
    other.centre.observations.every(({ source }) => !sources.has(source))
  );
}

/** "different" said on either side speaks of the centres known at that time. */
function toldApart(one: ReadyCentre, other: ReadyCentre, material: Material): boolean {
  const since = (ready: ReadyCentre): Date => material.ages.get(ready.centre.id)?.since ?? material.instant;
  return material.answers.some(
    (answer) =>
      answer.kind === 'continuity' &&
      answer.body['same'] === null &&
      ((answer.subject === one.centre.id && answer.at >= since(other)) ||
        (answer.subject === other.centre.id && answer.at >= since(one))),
  );
}

function labelOf({ centre }: ReadyCentre): string {
  const [row] = centre.observations;
  const where = [centre.hospital, centre.town].filter(Boolean).join(', ');
  const line = row?.locator.line === undefined ? '' : `, ligne ${String(row.locator.line)}`;
  return `${centre.title}, ${where} (${row?.source ?? ''}${line})`;
}
