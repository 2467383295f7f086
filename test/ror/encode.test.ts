import { describe, expect, it } from 'vitest';
import { LABEL_LEVELS, PUBLICS } from '../../src/domain/centre.js';
import type { CentreId, OfferIdentifier } from '../../src/domain/ids.js';
import { loadConfig } from '../../src/config/load.js';
import { CodeBook } from '../../src/ror/codes.js';
import { encodeCentre } from '../../src/ror/encode.js';
import { buildOffer, hasPlaceholder, withoutPlaceholder } from '../../src/ror/build.js';
import { validateOffer } from '../../src/ror/validate.js';
import {
  codes,
  crosswalk,
  defaults,
  encode,
  facts,
  FIMARAD,
  hasShared,
  ID_A,
  INSTANT,
  NORMANDIE,
  offer,
  officialValidate,
} from './essai.js';

const NOS = 'https://mos.esante.gouv.fr/NOS/';
const ROR = 'https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/';
const contacts = [
  { nature: '07', channel: '2', confidentiality: '1', value: '02 31 00 00 00' },
  { nature: '15', channel: 'MSSANTE', confidentiality: '2', value: 'centre.essai@chu-essai.mssante.fr' },
];
const FULL = {
  id: ID_A,
  title: 'Dermatoses bulleuses toxiques et toxidermies graves',
  network: 'TOXIBUL',
  specificActs: ['1635'],
  contacts,
};
const keysOf = (encoded: { contributions: readonly { key: string }[] }): string[] =>
  encoded.contributions.map((each) => each.key).sort();

describe('a centre that we create', () => {
  it('becomes the offer of DESIGN 7, element by element', () => {
    const unit = { system: `${NOS}TRE_R247-UcumUniteMesure/FHIR/TRE-R247-UcumUniteMesure`, code: 'a' };
    const concept = (name: string, code: string, display: string) => ({
      coding: [{ system: `${NOS}${name}/FHIR/${name.replace('_', '-')}`, code, display }],
    });
    const level = concept('TRE_R283-NiveauConfidentialite', '1', 'Visible du grand public');
    expect(offer(FULL)).toEqual({
      resourceType: 'HealthcareService',
      meta: {
        lastUpdated: INSTANT,
        tag: [{ system: `${NOS}TRE_R30-RegionOM/FHIR/TRE-R30-RegionOM`, code: '28', display: 'Normandie' }],
      },
      extension: [
        { url: `${ROR}ror-meta-creation-date`, valueDateTime: INSTANT },
        { url: `${ROR}ror-healthcareservice-sensitive-unit`, valueBoolean: false },
        {
          url: `${ROR}ror-healthcareservice-patient-type`,
          extension: [
            { url: 'ageRange', valueRange: { low: { value: 18, ...unit }, high: { value: 150, ...unit } } },
          ],
        },
        {
          url: `${ROR}ror-healthcareservice-contact`,
          extension: [
            {
              url: 'purposeContact',
              valueCodeableConcept: concept('TRE_R287-NatureContact', '07', 'Secrétariat'),
            },
            { url: `${ROR}ror-confidentiality-level`, valueCodeableConcept: level },
            {
              url: `${ROR}ror-healthcareservice-contact-telecom`,
              extension: [
                {
                  url: `${ROR}ror-telecom-communication-channel`,
                  valueCodeableConcept: concept('TRE_R200-CanalCommunication', '2', 'Téléphone fixe'),
                },
                { url: `${ROR}ror-telecom-confidentiality-level`, valueCodeableConcept: level },
                { url: 'telecomAddress', valueString: '02 31 00 00 00' },
              ],
            },
          ],
        },
      ],
      identifier: [
        {
          type: concept(
            'TRE_R355-TypeIdentifiantOffre',
            '35',
            "Identifiant fonctionnel de l'offre connu par l'instance ROR",
          ),
          value: '28/ESSAI-0001',
        },
      ],
      providedBy: { reference: 'Organization/eg-essai' },
      name: 'Centre de compétence – Dermatoses bulleuses toxiques et toxidermies graves (TOXIBUL)',
      type: [concept('TRE_R227-ChampActivite', '01', 'Médecine, Chirurgie, Obstétrique (MCO)')],
      specialty: [
        concept(
          'TRE_R211-ActiviteOperationnelle',
          '593',
          'Prise en charge coordonnée des patients atteints de maladies rares',
        ),
      ],
      characteristic: [
        concept('TRE_R213-ModePriseEnCharge', '32', 'Consultation (CS) ou Séance'),
        concept('TRE_R344-NiveauExpertise', '11', 'Centre de compétences labellisé'),
        concept('TRE_R245-SpecialisationDePriseEnCharge', '49', 'Maladies rares de la peau'),
        {
          extension: [{ url: `${ROR}ror-act-type`, valueCode: 'specificAct' }],
          ...concept(
            'TRE_R210-ActeSpecifique',
            '1635',
            'Programme d’ETP labellisée - Maladies rares (dont maladies du sang, drépanocytose, amylose)',
          ),
        },
      ],
      category: [concept('TRE_R244-CategorieOrganisation', '245', 'Centre expert en maladies rares')],
      telecom: [
        {
          extension: [
            {
              url: `${ROR}ror-telecom-communication-channel`,
              valueCodeableConcept: concept('TRE_R256-TypeMessagerie', 'MSSANTE', 'MSSANTE'),
            },
            {
              url: `${ROR}ror-telecom-confidentiality-level`,
              valueCodeableConcept: concept(
                'TRE_R283-NiveauConfidentialite',
                '2',
                'Visible par les professionnels',
              ),
            },
          ],
          value: 'centre.essai@chu-essai.mssante.fr',
        },
      ],
      comment:
        '[Maladies rares | filière=FIMARAD | réseau=TOXIBUL | label=CCMR | campagne=2023 | id=cmr_essaiaaaaaaaaaaa]',
    });
  });

  it('is named after its label, a CRC keeping its own title', () => {
    const nameOf = (level: (typeof LABEL_LEVELS)[number], title: string, network: string | null): unknown =>
      offer({ title, network, label: { level, campaign: 2023, campaignText: '2023' } })['name'];
    expect(nameOf('CRMR coordonnateur', 'Mucoviscidose', 'MUCO')).toBe(
      'Centre de référence – Mucoviscidose (MUCO)',
    );
    expect(nameOf('CRMR constitutif', 'Mucoviscidose', null)).toBe('Centre de référence – Mucoviscidose');
    expect(nameOf('CRC', 'Centre de ressources et de compétences de la mucoviscidose', 'MUCO')).toBe(
      'Centre de ressources et de compétences de la mucoviscidose',
    );
    expect(nameOf('CCMR', 'Toxidermies  graves (TOXIBUL)', 'TOXIBUL')).toBe(
      'Centre de compétence – Toxidermies graves (TOXIBUL)',
    );
  });

  it('marks what nobody stated as assumed, and nothing else', () => {
    const assumed = (change: Parameters<typeof encode>[0]): string[] =>
      encode(change)
        .contributions.filter((each) => each.assumed)
        .map((each) => each.key);
    expect(assumed({})).toEqual(['characteristic[careMode]', 'extension[sensitive-unit]']);
    const label = { level: 'CRC', campaign: 2023, campaignText: '2023' } as const;
    expect(assumed({ label })).toContain('characteristic[expertiseLevel]#11');
  });

  it('asks for public, site, families and field of activity, never guessing one', () => {
    const { missing, contributions } = encode({
      public: null,
      egCategory: '292',
      filiere: { ...FIMARAD, code: 'FAI²R' },
    });
    expect(missing.map((each) => [each.field, each.candidates.map((one) => one.value)])).toEqual([
      ['activityField', ['01', '02', '03', '04', '05', '06']],
      ['public', ['adulte', 'pédiatrique', 'mixte']],
      ['families', ['55', '56', '40']],
    ]);
    expect(contributions.map((each) => each.key)).not.toContain('type');
    expect(encode({ eg: null, egCategory: null }).missing.map((each) => each.field)).toEqual(['site']);
  });

  it('takes the reviewer’s word for field of activity and families', () => {
    const found = encode({ egCategory: '292', activityField: '03', families: ['44', '36'] });
    expect(found.missing).toEqual([]);
    expect(keysOf(found)).toContain('characteristic[takingCareSpeciality]#36');
    expect(found.contributions.find((each) => each.key === 'type')).toMatchObject({
      text: '03 Psychiatrie (PSY)',
      rule: 'ror.activityField.chosen',
      fields: ['activityField'],
    });
  });

  it('turns an unknown or retired code into a question, and says when nobody can be called', () => {
    const found = encode({
      families: ['20'],
      specificActs: ['9999'],
      contacts: [{ nature: '07', channel: '99', confidentiality: '1', value: '02' }],
    });
    expect(found.missing.map((each) => each.field)).toEqual(['families', 'specificActs', 'contacts']);
    expect(encode({}).notes).toEqual(['Aucun contact : une offre sans numéro n’oriente personne.']);
  });

  it('refuses two centres of one offer that want two values for one element', () => {
    const a = encode({}).contributions;
    const b = encode({ id: 'cmr_essaibbbbbbbbbbb' as CentreId, public: 'mixte' }).contributions;
    const frame = {
      region: NORMANDIE,
      identifier: null,
      providedBy: 'Organization/1',
      location: 'Location/2',
      instant: INSTANT,
    };
    expect(() => buildOffer([...a, ...b], frame, codes)).toThrow(/deux valeurs/);
  });

  it('stands with a reserved number as long as the repository gave none, and never sends it', () => {
    const frame = {
      region: NORMANDIE,
      providedBy: 'Organization/1',
      location: 'Location/2',
      instant: INSTANT,
    };
    const draft = buildOffer(encode(FULL).contributions, { ...frame, identifier: null }, codes);
    expect(draft['identifier']).toMatchObject([{ value: '28/FILROR-RESERVE' }]);
    expect(draft['location']).toEqual([{ reference: 'Location/2' }]);
    expect(hasPlaceholder(draft)).toBe(true);
    expect(withoutPlaceholder(draft)).not.toHaveProperty('identifier');
    const given = buildOffer(
      encode(FULL).contributions,
      { ...frame, identifier: '28/0000001' as OfferIdentifier },
      codes,
    );
    expect(withoutPlaceholder(given)).toEqual(given);
  });
});

describe('a centre attached to an offer that exists', () => {
  it('adds its level, families, acts and block, and proposes category and contacts only where nothing is said', () => {
    const found = encode(FULL, 'attach');
    expect(found.contributions.map((each) => [each.key, each.mode])).toEqual([
      ['category', 'ifEmpty'],
      ['characteristic[expertiseLevel]#11', 'own'],
      ['characteristic[takingCareSpeciality]#49', 'own'],
      ['characteristic[specificAct]#1635', 'own'],
      ['extension[contact]#07+2/0231000000', 'ifEmpty'],
      ['telecom#MSSANTE|centre.essai@chu-essai.mssante.fr', 'ifEmpty'],
      ['comment[cmr_essaiaaaaaaaaaaa]', 'own'],
    ]);
  });

  it('needs neither public nor field of activity, which it does not touch', () => {
    expect(encode({ public: null, egCategory: '292' }, 'attach').missing).toEqual([]);
  });
});

describe('what the ROR cannot say', () => {
  it('is served apart: filière, network, role, campaign, ERN', () => {
    expect(encode({}).served.map((each) => [each.key, each.value])).toEqual([
      ['served.filiere', { code: 'FIMARAD', title: 'Maladies rares en dermatologie' }],
      ['served.network', 'ESSAI'],
      ['served.label', 'CCMR'],
      ['served.campaign', 2023],
      ['served.ern', ['ERN-Skin']],
    ]);
  });

  it('keeps a vague campaign as the source wrote it, and leaves out what nobody said', () => {
    const label = { level: 'CCMR', campaign: null, campaignText: 'avant 2017' } as const;
    const filiere = { ...FIMARAD, erns: [] };
    expect(encode({ label, network: null, filiere }).served.map((each) => [each.key, each.value])).toEqual([
      ['served.filiere', { code: 'FIMARAD', title: 'Maladies rares en dermatologie' }],
      ['served.label', 'CCMR'],
      ['served.campaign', 'avant 2017'],
    ]);
  });
});

/** "Centre d'essai N" that go through every level, public, filière and hospital category. */
const ESSAIS = Array.from({ length: 46 }, (_, n) => {
  const filieres = Object.keys(crosswalk.filieres);
  const code = filieres[n % filieres.length] ?? '';
  return facts({
    title: `Centre d’essai ${n + 1}`,
    network: n % 5 === 0 ? null : `ESSAI${n + 1}`,
    filiere: { ...FIMARAD, code },
    label: {
      level: LABEL_LEVELS[n % LABEL_LEVELS.length] ?? 'CCMR',
      campaign: n % 3 === 0 ? 2017 : 2023,
      campaignText: '',
    },
    public: PUBLICS[n % PUBLICS.length] ?? 'mixte',
    egCategory: hospitalCategory(n),
    families: crosswalk.filieres[code]?.families.slice(0, 1 + (n % 3)) ?? null,
    specificActs: n % 2 === 0 ? ['1635', '0284'] : [],
    contacts: n % 4 === 0 ? [] : contacts,
  });
});
function hospitalCategory(n: number): string {
  return ['101', '128', '129', '131', '355', '365'][n % 6] ?? '101';
}

describe('46 created offers', () => {
  it('raise no fault in our validator', () => {
    for (const each of ESSAIS) {
      const faults = validateOffer(offer(each), codes, [each.id]).filter((one) => one.severity === 'error');
      expect(faults, each.title).toEqual([]);
    }
  });

  it.skipIf(!hasShared)('raise neither error nor warning in the conformance kit', async () => {
    const validate = await officialValidate();
    for (const each of ESSAIS) {
      const issues = validate(offer(each)).filter((one) => one.severity !== 'information');
      expect(issues, each.title).toEqual([]);
    }
  });
});

describe('a code that its nomenclature has retired', () => {
  /** The shipped nomenclatures, with these codes of one of them retired. */
  const retiring = (
    name: string,
    codesOut: readonly string[],
    successors: Record<string, string>,
  ): CodeBook =>
    new CodeBook(
      loadConfig().codes.map((system) => {
        if (system.name !== name) return system;
        const active = { ...system.active };
        const deprecated = { ...system.deprecated };
        for (const code of codesOut) {
          deprecated[code] = active[code] ?? '';
          delete active[code];
        }
        return { ...system, active, deprecated, successors };
      }),
    );
  const encoded = (book: CodeBook, change: Parameters<typeof facts>[0] = {}) =>
    encodeCentre(facts(change), { kind: 'create' }, book, defaults, crosswalk);
  const keys = (found: ReturnType<typeof encoded>, start: string): string[] =>
    found.contributions.map(({ key }) => key).filter((key) => key.startsWith(start));

  it('is replaced wherever a rule writes it: type of offer, activity, care mode, field, level', () => {
    for (const [system, old, next, key] of [
      ['TRE_R244', '245', '09', 'category'],
      ['TRE_R211', '593', '049', 'specialty[operationalActivity]'],
      ['TRE_R213', '32', '57', 'characteristic[careMode]'],
      ['TRE_R227', '01', '03', 'type'],
      ['TRE_R344', '11', '12', 'characteristic[expertiseLevel]#12'],
    ] as const) {
      const found = encoded(retiring(system, [old], { [old]: next }));
      const written = found.contributions.find((each) => each.key === key);
      expect(JSON.stringify(written?.value), key).toContain(`"code":"${next}"`);
      expect(written?.rule, key).toBe('ror.code.successor');
      expect(found.retired, key).toEqual([
        expect.objectContaining({ system, successor: expect.objectContaining({ stated: true }) as unknown }),
      ]);
    }
  });

  it('without successor is a question, and nothing is written in its place', () => {
    const found = encoded(retiring('TRE_R344', ['11'], {}));
    expect(keys(found, 'characteristic[expertiseLevel]')).toEqual([]);
    expect(found.retired).toEqual([expect.objectContaining({ successor: null, field: 'label' })]);
  });

  it('chosen by a person or stated by a source is replaced too; two with one successor are written once', () => {
    const families = retiring('TRE_R245', ['49', '50'], { '49': '51', '50': '51' });
    expect(
      keys(encoded(families, { families: ['49', '50'] }), 'characteristic[takingCareSpeciality]'),
    ).toEqual(['characteristic[takingCareSpeciality]#51']);
    const acts = retiring('TRE_R210', ['0284'], { '0284': '0285' });
    expect(keys(encoded(acts, { specificActs: ['0284'] }), 'characteristic[specificAct]')).toEqual([
      'characteristic[specificAct]#0285',
    ]);
    const natures = retiring('TRE_R287', ['07'], { '07': '06' });
    const contacts = [{ nature: '07', channel: '2', confidentiality: '1', value: '0200000000' }];
    expect(keys(encoded(natures, { contacts }), 'extension[contact]')[0]).toMatch(/^extension\[contact\]#06/);
  });
});
