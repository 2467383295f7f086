import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeOutput, SyncOutput } from '../../src/runs/report.js';
import { besideRepository } from '../support/finess-file.js';
import { workbookFile } from '../support/workbook-file.js';
import { blocking, NORMANDIE, openWorld, type World } from './world.js';

const REAL_LIST = besideRepository('data/centres-normandie.csv');
const REAL_FINESS = besideRepository('data/finess/finess-normandie.csv');

/**
 * The same sixteen rows in shape: labels, networks, filières, hospitals, publics and campaigns of the real list, with
 * titles of test centres. Columns and their order are those of the real file.
 */
const MIRROR = `label_type;centre_nom;acronyme;filiere;etablissement;ville;departement;region;public;responsable;millesime_label;finess_ej;source;niveau_preuve;remarque
CRMR coordonnateur;Centre d’essai A;ESSAIA;FIMARAD;CHU Rouen;Rouen;76;Normandie;;;2023;760780239;"essai ; deux sources";direct;
CCMR;Centre d’essai B;ESSAIB;FIMARAD;CHU Rouen;Rouen;76;Normandie;;;2023;760780239;essai;direct;
CCMR;Centre d’essai C;;AnDDI-Rares;CHIC Alençon-Mamers (CHICAM);Alençon;61;Normandie;;;2023;610780082;essai, mars 2024;direct;"rattaché ailleurs ; filière déduite"
CRC;Centre d’essai D;ESSAID;MHEMO;CHU Caen Normandie;Caen;14;Normandie;;;2017;140000100;essai;direct;
CRMR constitutif;Centre d’essai E;ESSAIE;MHEMO;CHU Caen Normandie;Caen;14;Normandie;;;2017;140000100;essai;direct;
CRC;Centre d’essai F (mixte enfants et adultes);ESSAIF;MUCO-CFTR;CHU Caen Normandie;Caen;14;Normandie;mixte;;2014;140000100;"arrêté ; site";direct;
CRC;Centre d’essai F (mixte);ESSAIF;MUCO-CFTR;CHU Rouen;Rouen;76;Normandie;mixte;;2014;760780239;arrêté;direct;
CRC;Centre d’essai G;;FilSLAN;CHU Caen Normandie;Caen;14;Normandie;;;2004;140000100;essai;indirect;
CRMR constitutif;Centre d’essai H;ESSAIH;MaRIH;CHU Rouen;Rouen;76;Normandie;;;2017;760780239;essai;direct;
CCMR;Centre d’essai H;ESSAIH;MaRIH;CHU Caen Normandie;Caen;14;Normandie;;;2017;140000100;essai;direct;
CCMR;Centre d’essai I;;CARDIOGEN;CHU Caen Normandie;Caen;14;Normandie;;;2017;140000100;essai;direct;« Côte de Nacre – Caen »
CCMR;Centre d’essai J;ESSAIJ;RespiFIL;CHU Caen Normandie;Caen;14;Normandie;pédiatrique;;2017;140000100;essai n°3;direct;
CCMR;Centre d’essai J;ESSAIJ;RespiFIL;CHU Rouen;Rouen;76;Normandie;pédiatrique;;2017;760780239;essai n°3;direct;
CCMR;Centre d’essai K, centre Normandie;;FILNEMUS;CHU Caen Normandie;Caen;14;Normandie;;;avant 2017;140000100;essai;direct;
CCMR;Centre d’essai K, centre Normandie;;FILNEMUS;CHU Rouen;Rouen;76;Normandie;;;avant 2017;760780239;essai;direct;second site
non précisé;Centre d’essai L;ESSAIL;MaRIH;CHU Caen Normandie;Caen;14;Normandie;;;2013;140000100;livret;indirect;pas une preuve de label
`;

interface Case {
  readonly name: string;
  readonly text: string;
  readonly finess: string;
  /** Titles or networks by which the rows are named below. */
  readonly rouen: readonly [string, string];
  readonly chicam: string;
  readonly twoSites: string;
}

const mirror: Case = {
  name: 'a synthetic mirror',
  text: MIRROR,
  finess: NORMANDIE.finess,
  rouen: ['Centre d’essai A', 'Centre d’essai B'],
  chicam: 'Centre d’essai C',
  twoSites: 'Centre d’essai K, centre Normandie',
};

const real: Case | null =
  REAL_LIST === null || REAL_FINESS === null
    ? null
    : {
        name: 'the real list and register',
        text: readFileSync(REAL_LIST, 'utf8'),
        finess: REAL_FINESS,
        rouen: ['Maladies bulleuses auto-immunes', 'Dermatoses bulleuses toxiques et toxidermies graves'],
        chicam: 'Anomalies du développement et syndromes malformatifs',
        twoSites: 'Maladies neuromusculaires, centre Normandie',
      };

describe.each([mirror])('S2, the sixteen rows: $name', sixteenRows);
describe.skipIf(real === null).each([real ?? mirror])(
  'S2, the sixteen rows: $name (beside the repository)',
  sixteenRows,
);

function sixteenRows(rows: Case): void {
  let w: World;
  let output: SyncOutput;
  const titled = (title: string): ChangeOutput[] =>
    output.changes.filter((change) => titleOf(change) === title);

  beforeAll(async () => {
    w = await openWorld({ list: rows.text, finess: rows.finess });
    output = await w.sync();
  });
  afterAll(() => w.close());

  it('exits 2 with three rows to complete and twelve labels to reconfirm, all of them creations', () => {
    expect(output.exitCode).toBe(2);
    expect(output.plan.states).toEqual({ toComplete: 3, toReconfirm: 12 });
    expect(output.plan.kinds).toEqual({ create: 15 });
  });

  it('asks for the public of the three, and for the site of the two of CHU Rouen only', () => {
    for (const title of rows.rouen) {
      const [change] = titled(title);
      expect(change?.state).toBe('toComplete');
      expect(blocking(change ?? none)).toEqual(['missing:public', 'missing:site']);
    }
    const [chicam] = titled(rows.chicam);
    expect(chicam?.state).toBe('toComplete');
    // AnDDI-Rares covers several families of TRE_R245: the reviewer ticks them, as for every such filière.
    expect(blocking(chicam ?? none)).toEqual(['missing:families', 'missing:public']);
    expect(chicam?.centre).toMatchObject({ ej: '610780082', eg: '610000051' });
  });

  it('says of every older label that a proof of 2023 is needed, whatever else is missing', () => {
    const older = output.changes.filter((change) => change.state === 'toReconfirm');
    for (const change of older) {
      const reason = change.reasons.find((each) => each.code === 'labelToReconfirm');
      expect(reason?.message).toContain('Label à reconfirmer : preuve 2023 demandée');
    }
  });

  it('flags the two FILNEMUS rows, and no other, as one centre on two establishments (R4)', () => {
    const flagged = output.changes.filter((change) =>
      change.reasons.some((reason) => reason.code === 'oneCentreTwoSites'),
    );
    expect(flagged.map(titleOf)).toEqual([rows.twoSites, rows.twoSites]);
    const flags = output.sources.find((source) => source.source === 'labelled-centres')?.flags ?? [];
    expect(flags.map((flag) => [flag.code, flag.locator.line])).toEqual([
      ['R4', 15],
      ['R4', 16],
    ]);
  });

  it('sets aside the row without a label, with its reason, its line and what to do, and counts it', () => {
    const list = output.sources.find((source) => source.source === 'labelled-centres');
    expect([list?.read, list?.kept, list?.outOfRegion]).toEqual([16, 15, 0]);
    expect(list?.setAside.map((fault) => [fault.code, fault.locator, fault.field, fault.value])).toEqual([
      ['LABEL_UNKNOWN', { file: 'centres.csv', line: 17 }, 'label_type', 'non précisé'],
    ]);
    expect(list?.setAside[0]?.remedy).toContain('CRMR coordonnateur');
  });

  it('activates and closes nothing: no change can be approved, nothing can be sent', async () => {
    expect(await w.apply()).toEqual([]);
    for (const change of output.changes) {
      await expect(w.approve(w.dominique, change.id)).rejects.toMatchObject({ code: 'NOT_APPROVABLE' });
    }
    expect(w.sandbox.writes()).toEqual([]);
    expect(w.sandbox.list('HealthcareService')).toEqual([]);
  });

  it('shows gate N1 with the announced total and its date, as an alert that changes no exit code', () => {
    const n1 = output.gates.find((gate) => gate.code === 'N1');
    expect(n1).toMatchObject({
      level: 'A',
      ok: false,
      message: '16 lignes lues sur 117 annoncées (12/2023)',
    });
  });

  describe('the same plan, ids aside', () => {
    const noNumber = (text: string): string => {
      const blanked = text.replaceAll(/;\d{9};/g, ';;');
      expect(blanked).not.toMatch(/;\d{9};/);
      expect(blanked.length).toBe(text.length - 16 * 9);
      return blanked;
    };
    const turned = (text: string): string => {
      const [header = '', ...lines] = text.trimEnd().split('\n');
      return `${[header, ...lines.slice(7), ...lines.slice(0, 7).reverse()].join('\n')}\n`;
    };
    const encoded = (text: string, encoding: string, addBOM = false): Buffer => {
      const bytes = iconv.encode(text, encoding, { addBOM });
      // A character that the encoding cannot write would make the test prove nothing.
      expect(iconv.decode(bytes, encoding)).toBe(text);
      return bytes;
    };
    const asWorkbook = async (text: string): Promise<Buffer> =>
      await workbookFile(
        { name: 'Lisez-moi', rows: [['Une ligne par centre.']] },
        { name: 'Centres', rows: parse(text, { delimiter: ';', bom: true }) },
      );
    const variants: readonly [string, (text: string) => string | Uint8Array | Promise<Uint8Array>][] = [
      ['in UTF-8 with a byte order mark', (text) => encoded(text, 'utf8', true)],
      ['in UTF-16LE', (text) => encoded(text, 'utf16le', true)],
      ['in windows-1252', (text) => encoded(text, 'win1252')],
      ['in UTF-8 without FINESS numbers', noNumber],
      ['in UTF-8 with a byte order mark, without FINESS numbers', (t) => encoded(noNumber(t), 'utf8', true)],
      ['in UTF-16LE without FINESS numbers', (text) => encoded(noNumber(text), 'utf16le', true)],
      ['in windows-1252 without FINESS numbers', (text) => encoded(noNumber(text), 'win1252')],
      ['with its rows in another order', turned],
      ['in decomposed Unicode (NFD)', (text) => text.normalize('NFD')],
      ['with CRLF line ends', (text) => text.replaceAll('\n', '\r\n')],
      ['as a workbook (XLSX)', asWorkbook],
    ];

    it.each(variants)('%s', async (_name, change) => {
      const other = await openWorld({ list: await change(rows.text), finess: rows.finess });
      try {
        const found = await other.sync();
        expect(found.exitCode).toBe(2);
        expect(planOf(found)).toEqual(planOf(output));
      } finally {
        await other.close();
      }
    });
  });
}

const none: ChangeOutput = {
  id: '',
  kind: 'create',
  state: 'toComplete',
  centre: null,
  centres: [],
  offer: null,
  quorum: 1,
  reasons: [],
  elements: [],
  hash: '',
};

function titleOf(change: ChangeOutput): string {
  return change.centre !== null && 'title' in change.centre ? change.centre.title : '';
}

/** What a plan says, by centre key: no id, no line number, no snapshot. */
function planOf(output: SyncOutput): unknown {
  return output.changes
    .map((change) => {
      const { centre } = change;
      if (centre === null || !('key' in centre)) throw new Error(`change ${change.id} without centre`);
      const withoutId = (value: unknown): unknown =>
        JSON.parse(JSON.stringify(value).replaceAll(centre.id, 'ID'));
      return {
        key: centre.key,
        centre: withoutId(centre),
        kind: change.kind,
        state: change.state,
        quorum: change.quorum,
        reasons: change.reasons
          .map((reason) => [reason.code, reason.field, reason.blocking, reason.candidates])
          .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
        elements: change.elements.map((element) =>
          withoutId([element.key, element.operation, element.before, element.after, element.assumed]),
        ),
      };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
