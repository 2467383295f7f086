import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, regionOf, shippedFolder } from '../../src/config/load.js';
import { fhirConfig } from '../../src/config/schema/fhir.js';
import { LABEL_LEVELS } from '../../src/domain/centre.js';
import type { Filiere } from '../../src/domain/filiere.js';
import type { JsonObject } from '../../src/domain/json.js';
import { CENTRE_PARTS } from '../../src/fhir-api/definitions.js';
import { buildFhirServer } from '../../src/fhir-api/server.js';
import { watchAnswers } from './seen-answers.js';
import { silentLogger } from '../../src/observe/logger.js';
import { CENTRE_COLUMNS, OFFER_COLUMNS } from '../../src/publish/export/columns.js';
import { LABEL_ROLES } from '../../src/publish/extensions.js';
import { PARAMETERS } from '../../src/publish/parameters.js';
import { filieresSource } from '../../src/sources/filieres/index.js';
import { CANONICAL, servedWorld, trialCentres, type ServedWorld } from './served-world.js';
import { startTokenIssuer } from './token-issuer.js';

/** What ops/consumers shows in place of the address of a real API, and of the instant of a publication. */
export const SHOWN_URL = 'https://fhir.exemple.fr';
export const SHOWN_AT = '2026-02-03T10:00:00.000Z';

/** A search of the frozen set; the offers that it must find are written by hand. */
export interface TrialSearch {
  readonly file: string;
  readonly base: 'fhir' | 'ror';
  readonly request: string;
  readonly question: string;
  readonly expected: readonly string[];
}

const TRE = (name: string): string =>
  encodeURIComponent(`https://mos.esante.gouv.fr/NOS/${name}/FHIR/${name.replace('_', '-')}`);

export const SEARCHES: readonly TrialSearch[] = [
  {
    file: '1-filiere.json',
    base: 'fhir',
    request: 'HealthcareService?filiere=FIMARAD',
    question: 'Les centres d’une filière.',
    expected: ['28/ESSAI-0001', '28/ESSAI-0002'],
  },
  {
    file: '2-coordonnateur.json',
    base: 'fhir',
    request:
      'HealthcareService?label-role=CRMR-coordonnateur&_include=HealthcareService:organization&_include=HealthcareService:location',
    question: 'Les centres coordonnateurs, avec leur établissement et leur lieu.',
    expected: ['28/ESSAI-0002'],
  },
  {
    file: '3-competence-peau.json',
    base: 'ror',
    request: `HealthcareService?characteristic=${TRE('TRE_R344-NiveauExpertise')}%7C11&characteristic=${TRE('TRE_R245-SpecialisationDePriseEnCharge')}%7C49`,
    question: 'Dans la base telle quelle : niveau 11 (compétences) et maladies rares de la peau.',
    expected: ['28/ESSAI-0001'],
  },
  {
    file: '4-autour-de-rouen.json',
    base: 'fhir',
    request: 'HealthcareService?location.near=49.44%7C1.10%7C10%7Ckm&filiere=FIMARAD',
    question: 'Une filière à moins de 10 km d’un point ; un lieu sans position ne se trouve pas ainsi.',
    expected: ['28/ESSAI-0002'],
  },
  {
    file: '5-enfant.json',
    base: 'fhir',
    request: 'HealthcareService?age-range-low=le10&age-range-high=ge10&filiere=FIMARAD',
    question: 'Qui reçoit un enfant de 10 ans.',
    expected: ['28/ESSAI-0002'],
  },
];

/** The synthetic world, published and served to one client with a token. */
export interface ConsumerWorld {
  readonly world: ServedWorld;
  readonly url: string;
  readonly token: string;
  get(path: string): Promise<string>;
  /** What was served, as ops/consumers shows it: its address and its instant. */
  shown(text: string): Promise<string>;
  close(): Promise<void>;
}

export async function consumerWorld(): Promise<ConsumerWorld> {
  const issuer = await startTokenIssuer('filror-fhir');
  const world = await servedWorld();
  await trialCentres(world);
  await world.publish('public');
  const context = {
    db: world.database.app,
    config: fhirConfig.parse({
      canonical: CANONICAL,
      tokens: { issuer: issuer.url, jwksUrl: `${issuer.url}/jwks`, audience: 'filror-fhir' },
      clients: [{ id: 'outil-d-essai', name: 'Outil d’essai', audience: 'public' }],
    }),
    regions: [regionOf(loadConfig(), '28')],
    publicUrl: '',
    log: silentLogger,
    now: () => new Date(),
    newId: randomUUID,
    software: 'essai',
    filieres: async () => await Promise.resolve([]),
    networks: async () => await Promise.resolve([]),
  };
  const app = await buildFhirServer(context);
  const watched = watchAnswers(app);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  context.publicUrl = url;
  const token = await issuer.token('outil-d-essai', { expires: 3_600 });
  return {
    ...{ world, url, token },
    get: async (path) => {
      const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${path} ${text}`);
      return text;
    },
    shown: async (text) => text.replaceAll(url, SHOWN_URL).replaceAll(await world.at(), SHOWN_AT),
    close: async () => {
      await app.close();
      await issuer.close();
      await world.close();
      if (watched.leaks.length > 0)
        throw new Error(`a reader received what it may not: ${watched.leaks.join('; ')}`);
      if (watched.count() === 0) throw new Error('no answer was looked at');
    },
  };
}

/** Files of the frozen set, as the code serves them today. */
export async function frozenSet(served: ConsumerWorld): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const base of ['fhir', 'ror'] as const) {
    const rows = (await served.world.database
      .app('served_resource')
      .where({ view: `${base}.public` })
      .orderByRaw('type collate "C", id collate "C"')
      .pluck('body')) as string[];
    files[`${base}.ndjson`] = await served.shown(rows.map((body) => `${body}\n`).join(''));
  }
  for (const { file, base, request } of SEARCHES) {
    const bundle = JSON.parse(await served.get(`/${base}/28/${request}`)) as JsonObject;
    files[file] = await served.shown(`${JSON.stringify(bundle, null, 2)}\n`);
  }
  const asked = SEARCHES.map(({ file, base, request, question, expected }) => ({
    ...{ question, base: `${SHOWN_URL}/${base}/28`, requete: request, offres: expected, reponse: file },
  }));
  files['recherches.json'] = `${JSON.stringify(asked, null, 2)}\n`;
  return files;
}

/** The filières as they are shipped. */
const FILIERES: readonly Filiere[] = await shippedFilieres();

/** Parts of a page that are made from the code's own tables, by the name of their marks. */
export const TABLES: Readonly<Record<string, { readonly page: string; readonly text: string }>> = {
  parties: {
    page: 'extensions.md',
    text: table(
      ['Partie', 'Type', 'Nombre', 'Sens'],
      CENTRE_PARTS.map(({ name, type, min, max, text }) => [`\`${name}\``, type, `${min}..${max}`, text]),
    ),
  },
  champs: {
    page: 'correspondance-champs.md',
    text: table(
      ['Élément servi', 'Colonne de l’export', 'À montrer'],
      OFFER_COLUMNS.map(({ name, text, from }) => [from, `\`${name}\``, text]),
    ),
  },
  centre: {
    page: 'correspondance-champs.md',
    text: table(
      ['Partie de l’extension', 'Colonne de l’export', 'À montrer'],
      CENTRE_COLUMNS.map(({ name, text, from }) => [`\`${from}\``, `\`${name}\``, text]),
    ),
  },
  recherche: {
    page: 'correspondance-champs.md',
    text: table(
      ['Paramètre', 'Cherche dans'],
      Object.entries(PARAMETERS.HealthcareService).map(([name, { text }]) => [`\`${name}\``, text]),
    ),
  },
  filieres: {
    page: 'codes.md',
    text: table(
      ['Code', 'Filière', 'ERN'],
      FILIERES.map(({ code, title, erns }) => [
        `\`${code}\``,
        title,
        erns.map((ern) => `\`${ern}\``).join(', '),
      ]),
    ),
  },
  roles: {
    page: 'codes.md',
    text: table(
      ['Code', 'Libellé'],
      LABEL_LEVELS.map((level) => [`\`${LABEL_ROLES[level]}\``, level]),
    ),
  },
  campagnes: {
    page: 'codes.md',
    text: table(
      ['Code', 'Sens'],
      [
        [`\`${loadConfig().review.currentCampaign}\``, 'La campagne en cours.'],
        ['une autre année', 'Une campagne plus ancienne : le label attend d’être reconfirmé.'],
        ['un texte', 'Ce que la source a écrit, quand elle ne dit pas une année : « avant 2017 ».'],
      ],
    ),
  },
  ern: {
    page: 'codes.md',
    text: table(
      ['Code', 'Filières'],
      [...new Set(FILIERES.flatMap(({ erns }) => erns))]
        .sort((a, b) => a.localeCompare(b, 'fr'))
        .map((ern) => [
          `\`${ern}\``,
          FILIERES.filter(({ erns }) => erns.includes(ern))
            .map(({ code }) => code)
            .join(', '),
        ]),
    ),
  },
  commandes: {
    page: 'jeu-d-essai/README.md',
    text: `\`\`\`sh\n${SEARCHES.map(
      ({ base, request }) =>
        `curl -sS --fail-with-body -H "$AUTORISATION" "$${base.toUpperCase()}/${request}"\n`,
    ).join('')}\`\`\`\n`,
  },
  questions: {
    page: 'jeu-d-essai/README.md',
    text: table(
      ['Question', 'Base', 'Offres attendues', 'Réponse entière'],
      SEARCHES.map(({ question, base, expected, file }) => [
        question,
        `\`/${base}/28\``,
        expected.join(', '),
        `[${file}](${file})`,
      ]),
    ),
  },
};

/** The page with one of its tables made anew. */
export function withTable(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} : écrit par npm run consumers -->`, `<!-- fin ${name} -->`];
  const [before, rest, ...others] = page.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined || others.length > 0)
    throw new Error(`the marks of ${name} are not in the page`);
  return `${before}${start}\n\n${text}\n${end}${after}`;
}

async function shippedFilieres(): Promise<readonly Filiere[]> {
  const file = join(shippedFolder, 'filieres.csv');
  const filieres: Filiere[] = [];
  for await (const outcome of filieresSource().read({
    fileName: 'filieres.csv',
    bytes: () => createReadStream(file),
  }))
    if (outcome.kind === 'row') filieres.push(outcome.value);
  return filieres;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}
