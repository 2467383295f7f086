import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { attachCandidates } from '../../src/plan/attach-candidates.js';
import { rareDiseaseSigns } from '../../src/plan/rare-disease-signs.js';
import { withLists } from '../../src/ror/arrays.js';
import { elementsOf } from '../../src/ror/elements.js';
import { SYSTEM } from '../support/trial-region.js';

const SYSTEMS: Readonly<Record<string, string>> = {
  R210: 'TRE_R210-ActeSpecifique',
  R245: 'TRE_R245-SpecialisationDePriseEnCharge',
  R344: 'TRE_R344-NiveauExpertise',
};
const coded = (system: string, code: string): JsonObject => ({ coding: [{ system: SYSTEM(system), code }] });

interface Said {
  readonly category?: string;
  readonly activity?: string;
  /** `R344#10`. */
  readonly characteristics?: readonly string[];
}

function offer({ category, activity = '037', characteristics = [] }: Said): JsonObject {
  return {
    resourceType: 'HealthcareService',
    name: 'Offre d’essai',
    ...(category === undefined ? {} : { category: [coded('TRE_R244-CategorieOrganisation', category)] }),
    specialty: [coded('TRE_R211-ActiviteOperationnelle', activity)],
    characteristic: [
      coded('TRE_R213-ModePriseEnCharge', '32'),
      ...characteristics.map((text) => {
        const [system = '', code = ''] = text.split('#');
        return coded(SYSTEMS[system] ?? '', code);
      }),
    ],
  };
}

describe('an offer that somebody else wrote', () => {
  it.each<[string, Said, string | null]>([
    ['category 245', { category: '245' }, 'present'],
    ['activity 593', { category: '154', activity: '593' }, 'present'],
    ['a family with any activity', { category: '154', characteristics: ['R245#29'] }, 'present'],
    ['the last family', { characteristics: ['R245#61'] }, 'present'],
    ['act 0284', { category: '154', characteristics: ['R210#0284'] }, 'older'],
    ['act 0286 with a label written as an act', { characteristics: ['R210#0286', 'R210#0985'] }, 'older'],
    ['act 0287', { characteristics: ['R210#0287'] }, 'older'],
    ['an expert centre in genetics', { category: '09', activity: '049' }, 'older'],
    [
      'an organ specialty with a level and no category',
      { activity: '097', characteristics: ['R344#10'] },
      'doubtful',
    ],
    ['the same in competence', { activity: '095', characteristics: ['R344#11'] }, 'doubtful'],
    ['a level alone, with a category', { category: '154', characteristics: ['R344#10'] }, null],
    ['a label as an act alone', { characteristics: ['R210#0985'] }, null],
    ['an expert centre of another subject', { category: '09', activity: '037' }, null],
    ['genetics alone', { category: '155', activity: '049' }, null],
    ['a rare handicap, which is no rare disease', { characteristics: ['R245#21'] }, null],
    ['the family before and after the range', { characteristics: ['R245#28', 'R245#62'] }, null],
    ['systemic disease, an act near the others', { characteristics: ['R210#0285'] }, null],
    ['another level of expertise', { characteristics: ['R344#12'] }, null],
  ])('with %s is recognised as it should', (_what, said, strength) => {
    expect(rareDiseaseSigns(elementsOf(offer(said)))?.strength ?? null).toBe(strength);
  });

  it('says its signs with their codes, and is a candidate that a person decides on', () => {
    const said = offer({ category: '09', activity: '049', characteristics: ['R210#0284', 'R210#0986'] });
    expect(rareDiseaseSigns(elementsOf(said))?.signs).toEqual([
      'acte 0284 (maladie rare)',
      'centre expert (09) en génétique médicale (049)',
      'acte 0986 (centre de compétence)',
    ]);
    const mirrored = { identifier: '28/ESSAI-1', remoteId: '1', body: '', name: 'Offre d’essai', eg: null };
    const found = attachCandidates([{ ...mirrored, elements: elementsOf(said) }], {
      title: 'Centre d’essai',
      network: null,
      activities: [],
    });
    expect(found.map(({ why }) => why)).toEqual([
      'acte 0284 (maladie rare), acte 0986 (centre de compétence), centre expert (09) en génétique médicale (049)',
    ]);
  });

  it('is recognised too when the server gives one item for a list of one', () => {
    const { coding } = coded('TRE_R245-SpecialisationDePriseEnCharge', '49');
    const said: JsonObject = {
      ...offer({ category: '154' }),
      characteristic: { coding: (coding as readonly JsonObject[])[0] as JsonObject },
      specialty: { coding: { system: SYSTEM('TRE_R211-ActiviteOperationnelle'), code: '037' } },
      type: { coding: { system: SYSTEM('TRE_R227-ChampActivite'), code: '01' } },
      identifier: { value: '28/ESSAI-1' },
      providedBy: { identifier: { value: '1140000209' } },
    };
    const read = withLists(said);
    expect(read['identifier']).toEqual([{ value: '28/ESSAI-1' }]);
    expect(read['providedBy']).toEqual({ identifier: { value: '1140000209' } });
    expect([...elementsOf(read).keys()]).toEqual(
      expect.arrayContaining([
        'characteristic[takingCareSpeciality]#49',
        'specialty[operationalActivity]',
        'type',
      ]),
    );
    expect(rareDiseaseSigns(elementsOf(read))?.strength).toBe('present');
  });

  it('is left as it is, the very same object, when nothing is wrong', () => {
    const said = offer({ category: '245' });
    expect(withLists(said)).toBe(said);
  });
});
