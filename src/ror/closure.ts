import type { CentreId } from '../domain/ids.js';
import type { Contribution } from '../domain/offer.js';
import type { CodeBook } from './codes.js';
import { characteristic } from './concepts.js';
import { CLOSURE_DESCRIPTION } from './validate-contacts.js';

/** "Définitive". */
export const CLOSURE_CODE = { system: 'TRE_R286', code: 'DEF' } as const;

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
  const { system, code } = CLOSURE_CODE;
  const heir = codes.inForce(system, code);
  return [
    {
      ...common,
      key: 'notAvailable[closingReopeningDate]',
      path: 'HealthcareService.notAvailable',
      value: { id: 'closingReopeningDate', description: CLOSURE_DESCRIPTION, during: { start: date } },
      text: `fermée à compter du ${date}`,
    },
    // A retired code without successor is left out: the change then asks, and cannot be approved.
    ...(heir === null
      ? []
      : [
          {
            ...common,
            key: 'characteristic[temporalityStopService]',
            path: 'HealthcareService.characteristic',
            value: characteristic(codes, system, heir.code),
            assumed: !heir.stated,
            text: codes.text(system, heir.code),
          },
        ]),
  ];
}
