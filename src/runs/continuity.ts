import { keyOf } from '../consolidate/identity.js';
import type { Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { ReadyCentre } from './centre-facts.js';
import type { Material } from './material.js';
import type { RegionSightings } from './sightings.js';

/** A centre that no list says any more. */
export interface LostCentre {
  readonly id: CentreId;
  readonly title: string;
  readonly filiere: string;
  readonly hospital: string;
  readonly linked: boolean;
  readonly droppedAt: number;
  readonly ref: Material['lost'][number]['ref'];
  readonly list: Material['lost'][number]['list'];
}

export function lostCentres(material: Material, seen: RegionSightings): LostCentre[] {
  const lost = new Map<CentreId, LostCentre>();
  for (const { ref, droppedAt, list } of material.lost) {
    const id = seen.keys.get(keyOf(ref));
    if (id === undefined || seen.centres.has(id) || seen.held.has(id)) continue;
    const known = lost.get(id);
    if (known !== undefined && known.droppedAt >= droppedAt) continue;
    lost.set(id, {
      id,
      title: ref.observation.title,
      filiere: ref.observation.filiere,
      hospital: ref.observation.hospital,
      linked: material.links.some((link) => link.centre === id),
      droppedAt,
      ref,
      list,
    });
  }
  return [...lost.values()];
}

/**
 * Renamed or moved, or withdrawn and created? Within one filière, every new key is paired with every centre that lost
 * its own; each pair is a question to a person, on both sides, before a create or a withdrawal (DESIGN 5).
 * An answer "no" to all of a new centre's candidates makes it new.
 */
export function continuityReasons(
  centres: readonly ReadyCentre[],
  lost: readonly LostCentre[],
  material: Material,
): ReadonlyMap<CentreId, readonly Reason[]> {
  const answers = material.answers.filter((answer) => answer.kind === 'continuity');
  const settled = new Set(answers.map((answer) => answer.subject));
  // Answered on the side of the centre that left: it was said of the centres known then, not of those to come.
  const refused = (gone: CentreId, fresh: CentreId): boolean =>
    answers.some(
      (answer) =>
        answer.subject === gone && answer.at >= (material.ages.get(fresh)?.since ?? material.instant),
    );
  const reasons = new Map<CentreId, Reason[]>();
  const ask = (id: CentreId, candidate: { value: string; label: string }): void => {
    const known = reasons.get(id)?.[0];
    reasons.set(id, [
      {
        code: 'continuity',
        blocking: true,
        message: 'Même centre renommé ou déplacé, ou un centre retiré et un autre créé ?',
        candidates: [...(known?.candidates ?? []), candidate],
      },
    ]);
  };
  for (const ready of centres) {
    const { centre } = ready;
    if (settled.has(centre.id) || material.links.some((link) => link.centre === centre.id)) continue;
    const firstSeen = Math.min(
      ...centre.observations.map((ref) => material.firstSeen.get(keyOf(ref)) ?? Infinity),
    );
    for (const gone of lost) {
      // Both in one delivery, they were two centres. Lost long ago and never written, a centre is no candidate either:
      // the question would come back for ever.
      const near = gone.linked ? firstSeen >= gone.droppedAt : firstSeen === gone.droppedAt;
      if (gone.filiere !== centre.filiere || !near) continue;
      if (refused(gone.id, centre.id)) continue;
      ask(centre.id, { value: gone.id, label: `${gone.title}, ${gone.hospital} (n’est plus dans la liste)` });
      ask(gone.id, {
        value: centre.id,
        label: `${centre.title}, ${centre.hospital} (nouveau dans la liste)`,
      });
    }
  }
  return reasons;
}
