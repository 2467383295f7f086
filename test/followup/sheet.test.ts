import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import type { StoredChange } from '../../src/db/changes.js';
import type { ElementChange } from '../../src/domain/change.js';
import type { CentreId } from '../../src/domain/ids.js';
import { html } from '../../src/domain/html.js';
import { sheetPage } from '../../src/followup/sheet-page.js';
import { sheetOf, type SheetFacts } from '../../src/followup/sheet.js';
import { CodeBook } from '../../src/ror/codes.js';
import { EXTENSION_URLS } from '../../src/ror/urls.js';
import { contact } from '../../src/ror/concepts.js';

const codes = new CodeBook(loadConfig().codes);
const CENTRE = 'cmr_abcdefghijkl2345' as CentreId;
const BLOCK = `[Maladies rares | filière=FIMARAD | label=CCMR | campagne=2023 | id=${CENTRE}]`;
const UCUM = { system: codes.url('TRE_R247'), code: 'a' };

function element(change: Pick<ElementChange, 'key'> & Partial<ElementChange>): ElementChange {
  return {
    path: 'HealthcareService',
    operation: 'add',
    conflict: false,
    channel: 'ror',
    assumed: false,
    text: '',
    provenance: [],
    ...change,
  };
}

function facts(elements: readonly ElementChange[], change: Partial<SheetFacts> = {}): SheetFacts {
  return {
    region: { code: '28', name: 'Normandie' },
    change: {
      id: 'k3x7',
      no: 1,
      runId: 'run_essai',
      kind: 'attach',
      state: 'transmitted',
      target: 'offer:28/ESSAI-0001',
      centres: [CENTRE],
      reasons: [],
      elements,
      hash: 'a'.repeat(64),
      quorum: 1,
      openedAt: new Date(0),
      closedAt: null,
    } satisfies StoredChange,
    centres: [
      {
        id: CENTRE,
        title: 'Centre d’essai',
        network: null,
        filiere: 'FIMARAD',
        label: 'CCMR',
        campaign: 2023,
      },
    ],
    sites: [{ eg: '760000158', name: 'Hôpital d’essai', town: 'Rouen' }],
    approvedAt: [new Date('2026-03-11T23:30:00Z')],
    agreement: null,
    transmittedAt: new Date('2026-03-13T08:00:00Z'),
    expiresAt: new Date('2026-05-12T08:00:00Z'),
    owner: null,
    returnTo: null,
    ...change,
  };
}

describe('a sheet whose plan could not look the site up', () => {
  const blind = facts([]);
  const sheet = sheetOf(
    {
      ...blind,
      change: {
        ...blind.change,
        reasons: [
          {
            code: 'providerAbsent',
            blocking: false,
            field: 'providedBy',
            message: 'Le ROR n’a encore jamais été lu : relancez « filror sync ».',
          },
        ],
      },
    },
    codes,
  );

  it('asks the hospital to look on the screen, and never to run a command', () => {
    expect(sheet.notes).toEqual([
      'Vérifiez d’abord que Hôpital d’essai (FINESS 760000158) existe dans le ROR ; sinon, demandez sa création au référent ROR de la région.',
    ]);
    expect(sheetPage(sheet)).not.toContain('filror sync');
  });
});

describe('an entry sheet', () => {
  it('says each value as a person types it, with the official label of its code', () => {
    const sheet = sheetOf(
      facts([
        element({ key: 'comment[' + CENTRE + ']', after: BLOCK }),
        element({
          key: 'extension[contact]#07/2/0231000000',
          after: contact(codes, {
            nature: codes.active('TRE_R287')[0]?.code ?? '',
            channel: '2',
            confidentiality: '1',
            value: '02 31 00 00 00',
            description: 'Accueil',
          }),
        }),
        element({
          key: 'extension[patient-type].ageRange',
          operation: 'replace',
          before: {
            url: 'ageRange',
            valueRange: { low: { value: 0, ...UCUM }, high: { value: 150, ...UCUM } },
          },
          after: {
            url: 'ageRange',
            valueRange: { low: { value: 0, ...UCUM }, high: { value: 17, ...UCUM } },
          },
        }),
        element({
          key: 'extension[sensitive-unit]',
          assumed: true,
          after: { url: EXTENSION_URLS['sensitive-unit'], valueBoolean: false },
        }),
        element({ key: 'providedBy', after: { reference: 'Organization/eg-760000158' } }),
        element({ key: 'served.label', channel: 'served', after: 'CCMR' }),
      ]),
      codes,
    );
    expect(sheet.elements.map(({ term, instruction, after }) => [term, instruction, after?.lines])).toEqual([
      [
        'Structure porteuse de l’offre',
        'Ajouter',
        ['Hôpital d’essai, Rouen (FINESS 760000158)', 'Organization/eg-760000158'],
      ],
      ['Patientèle : âges', 'Remplacer par', ['de 0 à 17 ans']],
      ['Unité sensible', 'Ajouter', ['non']],
      [
        'Contact',
        'Ajouter',
        expect.arrayContaining(['Description : Accueil', 'Adresse ou numéro : 02 31 00 00 00']),
      ],
      [
        'Commentaire',
        'Coller cette ligne à la fin du commentaire, telle quelle, sans rien ôter de ce qui y est',
        [BLOCK],
      ],
    ]);
    expect(sheet.elements[1]?.before?.lines).toEqual(['de 0 à 150 ans']);
    expect(sheet.elements[2]?.assumed).toBe(true);
    expect(sheet.elements[4]?.paste).toBe(BLOCK);
  });

  it('tells days of Paris, and who approved by role alone', () => {
    const sheet = sheetOf(
      facts([
        element({
          key: 'name',
          after: 'Centre d’essai',
          provenance: [
            { kind: 'decision', origin: '00000000-0000-4000-8000-000000000001', date: '2026-03-10' },
          ],
        }),
      ]),
      codes,
    );
    expect(sheet.approved).toBe(
      'Approuvé par une personne habilitée à la relecture (quorum 1), le 12/03/2026.',
    );
    expect(sheet.expiresOn).toBe('12/05/2026');
    expect(sheet.elements[0]?.sources).toEqual(['décision d’une personne habilitée, 10/03/2026']);
  });
});

/** What a list, the repository or an operator could hold to be taken for a page. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><script>alert(1)</script>',
  '&lt;script&gt;',
  '\u202e\u0000inversé',
  '${process.exit()}',
];

describe('the page of a sheet', () => {
  it.each(HOSTILE)('shows %j as text, wherever it stands', (hostile) => {
    const sheet = sheetOf(
      facts(
        [
          element({ key: 'name', operation: 'replace', before: hostile, after: hostile }),
          element({
            key: `characteristic#${hostile}`,
            after: { coding: [{ system: hostile, code: hostile, display: hostile }] },
            provenance: [
              { kind: 'source', origin: hostile, locator: { file: hostile, line: 2 }, date: hostile },
            ],
          }),
          element({ key: 'notAvailable[x]', after: { [hostile]: hostile } }),
        ],
        {
          region: { code: '28', name: hostile },
          centres: [
            {
              id: CENTRE,
              title: hostile,
              network: hostile,
              filiere: hostile,
              label: hostile,
              campaign: 2023,
            },
          ],
          sites: [{ eg: '760000158', name: hostile, town: hostile }],
          owner: hostile,
          returnTo: hostile,
        },
      ),
      codes,
    );
    const page = sheetPage({ ...sheet, notes: [hostile], agreement: hostile });
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name]) => name?.toLowerCase()));
    expect([...tags].sort()).toEqual(
      [
        'html',
        'head',
        'meta',
        'title',
        'style',
        'body',
        'main',
        'h1',
        'h2',
        'p',
        'dl',
        'dt',
        'dd',
        'span',
        'table',
        'thead',
        'tbody',
        'tr',
        'th',
        'td',
        'div',
        'strong',
        'ul',
        'li',
      ].sort(),
    );
    expect(page).not.toMatch(/<[^>]+\s(?:on\w+|src|href|style)\s*=/i);
    expect(page).not.toMatch(/[\u0000\u202e]/);
    expect(page.match(/<style>/g)).toHaveLength(1);
  });

  it('is one file that fetches nothing and prints', () => {
    const page = sheetPage(sheetOf(facts([element({ key: 'name', after: 'Centre d’essai' })]), codes));
    expect(page).toMatch(/^<!doctype html>\s*<html lang="fr">/);
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(page) ?? [];
    expect(style.length).toBeGreaterThan(1000);
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page).toContain(`content="default-src 'none'; style-src 'sha256-${hash}'"`);
    expect(page).not.toMatch(/<(script|link|img|iframe)|@import|url\(|https?:/i);
    expect(page).toMatch(/@media print \{\s*@page/);
    expect(page).toContain('<div class="paste">Centre d’essai</div>');
    expect(page).toMatch(/Aucun accord de l’établissement n’est demandé/);
  });

  it('escapes once, lists included, and leaves its own tags', () => {
    expect(html`<p>${['a & b', html`<b>${'<'}</b>`, null, 3]}</p>`.text).toBe('<p>a &amp; b<b>&lt;</b>3</p>');
  });
});
