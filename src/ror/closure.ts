import type { CentreId } from '../domain/ids.js';
import type { Contribution } from '../domain/offer.js';
import type { CodeBook } from './codes.js';
import { characteristic } from './concepts.js';
import { CLOSURE_DESCRIPTION } from './validate-contacts.js';

/**
 * What closes an offer of ours (DESIGN 7, last row): there is no DELETE, closing is data (api.md, section 4).
 * @param date ISO day from which the offer is closed
 */
export function closureContributions(centre: CentreId, date: string, codes: CodeBook): Contribution[] {
  const common = {
    centre,
    mode: 'own' as const,
    assumed: false,
    rule: 'ror.closure',
    fields: [],
  };
  return [
    {
      ...common,
      key: 'notAvailable[closingReopeningDate]',
      path: 'HealthcareService.notAvailable',
      value: { id: 'closingReopeningDate', description: CLOSURE_DESCRIPTION, during: { start: date } },
      text: `fermée à compter du ${date}`,
    },
    {
      ...common,
      key: 'characteristic[temporalityStopService]',
      path: 'HealthcareService.characteristic',
      value: characteristic(codes, 'TRE_R286', 'DEF'),
      text: codes.text('TRE_R286', 'DEF'),
    },
  ];
}
