import type { DecidedDeparture } from '../../db/served-export.js';
import type { ServedCentre } from './read.js';

/** A label or an offer that will leave, as the readers of a view may know it. */
export interface AnnouncedDeparture {
  readonly identifier: string;
  readonly centre: string;
  readonly what: 'label' | 'offre';
  readonly role: string;
  readonly campaign: string;
  readonly decidedAt: string;
}

/**
 * What is decided, as far as this view shows what leaves: of an offer or a label that it does not show, nothing is told,
 * nor why anything leaves.
 * @param present centres of each offer that is served, by the offer's number
 */
export function announcedDepartures(
  decided: readonly DecidedDeparture[],
  present: ReadonlyMap<string, readonly ServedCentre[]>,
): readonly AnnouncedDeparture[] {
  return decided.flatMap(({ kind, identifier, centres, decidedAt }) =>
    (present.get(identifier) ?? [])
      .filter(({ centre }) => kind === 'close' || centres.includes(centre))
      .map(({ centre, role, campaign }) => ({
        identifier,
        centre,
        what: kind === 'close' ? ('offre' as const) : ('label' as const),
        role: role.code,
        campaign,
        decidedAt: decidedAt.toISOString(),
      })),
  );
}
