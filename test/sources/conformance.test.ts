import type { Filiere } from '../../src/domain/filiere.js';
import { bamaraDeployment } from '../../src/sources/bamara-deployment/index.js';
import { ernSource } from '../../src/sources/ern/index.js';
import { filieresSource } from '../../src/sources/filieres/index.js';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import { pemrSource } from '../../src/sources/pemr/index.js';
import { fixture } from './bytes.js';
import { sourceConformance, type Samples } from './conformance.js';

const filieres: readonly Filiere[] = ['FIMARAD', 'MaRIH', 'MHEMO'].map((code) => ({
  code,
  title: `Filière ${code}`,
  spellings: [],
  erns: [],
}));

/** Records are the lines of the fixture, unless a quoted cell joins several. */
function samplesOf(
  path: string,
  cell: string,
  wrongShape: Samples['wrongShape'],
  formula: Samples['formula'] = 'aside',
): Samples {
  const text = fixture(path).toString('utf8');
  const [header = '', ...records] = text.match(/(?:"(?:[^"]|"")*"|[^"\n])*\n/g) ?? [];
  return {
    text,
    header,
    records,
    rows: records.length,
    withCell: (value) => text.replace(cell, () => value),
    wrongShape,
    formula,
  };
}

sourceConformance(
  labelledCentres(filieres),
  samplesOf('labelled-centres/fixtures/centres-essai-2026-11.csv', 'Centre d’essai des dermatoses', {
    text: 'Label;Intitulé;FSMR;Téléphone\nCCMR;Centre d’essai;MaRIH;\n',
    code: 'SRC_COLUMN_MISSING',
    says: /« Établissement » manque.*Label, Intitulé, FSMR, Téléphone.*hôpital/s,
  }),
);

sourceConformance(
  bamaraDeployment(),
  samplesOf('bamara-deployment/fixtures/deploiement-essai-2026-11.csv', 'Hôpital d’essai Nord', {
    text: 'Hôpital;Ville\nHôpital d’essai;Évreux\n',
    code: 'SRC_COLUMN_MISSING',
    says: /« Convention BaMaRa », « Convention BNDMR », « déployé » manquent/,
  }),
);

sourceConformance(
  filieresSource(),
  samplesOf('filieres/fixtures/filieres-essai-2026-11.csv', 'Maladies d’essai auto-immunes', {
    text: 'Sigle;Écritures;ERN\nESSAI;;\n',
    code: 'SRC_COLUMN_MISSING',
    says: /« Titre » manque/,
  }),
);

sourceConformance(
  ernSource(filieres),
  samplesOf('ern/fixtures/ern-essai-2026-11.csv', 'Maladies d’essai de la première sorte', {
    text: 'Code;Nom;Filières\nESSAI;ERN d’essai;\n',
    code: 'SRC_COLUMN_MISSING',
    says: /« Domaine » manque/,
  }),
);

sourceConformance(
  pemrSource(),
  samplesOf('pemr/fixtures/pemr-essai-2026-11.csv', 'Plateforme d’essai Nord', {
    text: 'Nom;Type;Régions\nPlateforme d’essai;PEMR;28\n',
    code: 'SRC_COLUMN_MISSING',
    says: /« Établissements porteurs » manque/,
  }),
);

sourceConformance(
  finessEtalab(),
  samplesOf(
    'finess-etalab/fixtures/finess-essai-2026-11.csv',
    "CHU D'ESSAI - CAEN",
    {
      text: 'nofinesset;nofinessej;rs\n140000209;140000100;CHU D’ESSAI\n',
      code: 'SRC_FORMAT',
      says: /nofinesset.*finess;etalab/s,
    },
    'kept',
  ),
);
