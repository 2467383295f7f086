import type { Establishment, EstablishmentPoint } from '../../domain/establishment.js';
import type { FinessEg } from '../../domain/ids.js';

/** What a register of establishments says, whichever flow it comes from. A site that is closed is no establishment. */
export type FinessRecord =
  | { readonly kind: 'establishment'; readonly establishment: Establishment }
  | { readonly kind: 'point'; readonly point: EstablishmentPoint }
  /** `on`: ISO date; null when the flow says that it is closed and not since when. */
  | { readonly kind: 'closed'; readonly eg: FinessEg; readonly on: string | null };

export function finessKey(record: FinessRecord): string {
  switch (record.kind) {
    case 'establishment':
      return record.establishment.eg;
    case 'point':
      return `${record.point.eg}#point`;
    case 'closed':
      return `${record.eg}#closed`;
  }
}
