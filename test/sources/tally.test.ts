import { describe, expect, it } from 'vitest';
import type { CentreObservation } from '../../src/domain/centre.js';
import type { Establishment } from '../../src/domain/establishment.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import type { FinessRecord } from '../../src/sources/reading/finess-record.js';
import { EstablishmentTally, countCentres } from '../../src/sources/tally.js';
import { observation, site } from '../support/material.js';

const locator = { file: 'essai.csv', line: 2 };

function centre(change: Partial<CentreObservation>): RowOutcome<CentreObservation> {
  return { kind: 'row', locator, value: observation(change) };
}

function counted(sites: readonly Partial<Establishment>[]): ReturnType<EstablishmentTally['counts']> {
  const tally = new EstablishmentTally(['14', '27', '50', '61', '76']);
  for (const [number, change] of sites.entries()) {
    const value: FinessRecord = { kind: 'establishment', establishment: site(number, change) };
    tally.add({ kind: 'row', locator, value });
  }
  return tally.counts();
}

describe('counting a list of centres', () => {
  it('gathers the sites of a network by filière, acronym and campaign, whatever the spelling', () => {
    const old = { level: 'CCMR', campaign: 2017, campaignText: '2017' } as const;
    const lead = { level: 'CRMR coordonnateur', campaign: 2023, campaignText: '2023' } as const;
    const { networks } = countCentres([
      centre({ network: 'ESSAI', label: lead }),
      centre({ network: 'Essaï', hospital: 'Hôpital d’essai 2' }),
      centre({ network: 'ESSAI', label: old }),
      centre({ network: 'ESSAI', filiere: 'FILNEMUS' }),
      centre({ network: null, title: 'Centre d’essai 9' }),
    ]);
    const none = { 'CRMR coordonnateur': 0, 'CRMR constitutif': 0, CRC: 0, CCMR: 0 };
    expect(networks).toEqual([
      { filiere: 'FILNEMUS', network: 'ESSAI', campaign: 2023, byLabel: { ...none, CCMR: 1 } },
      { filiere: 'FIMARAD', network: 'Centre d’essai 9', campaign: 2023, byLabel: { ...none, CCMR: 1 } },
      { filiere: 'FIMARAD', network: 'ESSAI', campaign: 2017, byLabel: { ...none, CCMR: 1 } },
      {
        filiere: 'FIMARAD',
        network: 'ESSAI',
        campaign: 2023,
        byLabel: { ...none, 'CRMR coordonnateur': 1, CCMR: 1 },
      },
    ]);
  });

  it('knows the regions by their name, else by the département', () => {
    const { regions } = countCentres([
      centre({ region: 'Bretagne', departement: null }),
      centre({ region: 'Haute-Normandie', departement: null }),
      centre({ region: null, departement: '14' }),
      centre({ region: 'ailleurs', departement: '75' }),
      centre({ region: null, departement: null }),
    ]);
    expect(regions).toEqual(['11', '28', '53']);
  });
});

describe('counting a register', () => {
  const siret = '00000000000000';

  it('counts the hospital sector of the region apart, and its sites without SIRET', () => {
    const counts = counted([
      { siret },
      { siret: null },
      // Not a hospital, and hospitals of elsewhere.
      { siret: null, aggregate: '4401' },
      { siret: null, departement: '75' },
      { siret, departement: '72' },
    ]);
    expect(counts).toMatchObject({ rows: 5, establishments: 5, hospitals: 4 });
    expect(counts.region).toMatchObject({ hospitals: 2, hospitalEntities: 2, withoutSiret: 1 });
  });

  it('tells sites of the region with an entity of another département, and the reverse (X8, X9)', () => {
    const paris = site(0).ej.replace(/^14/, '75') as Establishment['ej'];
    const { region } = counted([
      {},
      // La Musse: a Norman site whose entity is in Paris.
      { ej: paris },
      // Mamers: a site of the Sarthe whose entity is Norman.
      { departement: '72' },
      { departement: '75', ej: paris },
    ]);
    expect(region).toMatchObject({ hospitals: 2, entityElsewhere: 1, sitesElsewhere: 1 });
  });
});
