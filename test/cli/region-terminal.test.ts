import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMtlsTokenServer, type MtlsTokenServer } from '../../src/sandbox/mtls.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { builtProgram, runFilror } from '../support/built.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { closedPort, startLocalServer, type LocalServer } from '../support/local-server.js';
import type { Finished, Running } from '../support/node-process.js';
import { authority, clientOf, serverOf, type Certified } from '../support/pki.js';
import { trialRegion } from '../support/trial-region.js';

/** Two hospitals (legal entity, site, place each) and one offer each. */
const RESOURCES = 8;
const SECRET = 'bac-a-sable';

let sandbox: Sandbox;
let mtls: MtlsTokenServer;
let html: LocalServer;
let database: TestDatabase;
let nobody: string;
let home: string;
const ca = authority('Autorité d’essai');
const server = serverOf(ca);

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'filror-region-'));
  sandbox = await startSandbox({ seed: trialRegion() });
  mtls = await startMtlsTokenServer({
    tokens: sandbox.tokens,
    cert: server.cert,
    key: server.key,
    clientCa: ca.cert,
    refusal: 'answer',
  });
  html = await startLocalServer((_request, response) => {
    response
      .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
      .end('<!doctype html><p>Portail</p>');
  });
  nobody = `http://127.0.0.1:${await closedPort()}`;
  database = await testDatabase();
});
afterAll(async () => {
  await Promise.all([sandbox.close(), mtls.close(), html.close()]);
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

interface Trial {
  readonly repository: () => Readonly<Record<string, unknown>>;
  readonly secret?: string;
}

/** Runs `filror …` against a region of that profile. */
async function filror(args: readonly string[], { repository, secret = SECRET }: Trial): Promise<Finished> {
  return await runFilror([...args, '--region', '28'], {
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    FILROR_CONFIG: configured(repository()),
    FILROR_ROR_SECRET: secret,
  });
}

function configured(repository: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(home, 'config-'));
  mkdirSync(join(folder, 'regions'));
  const profile = {
    code: '28',
    name: 'Normandie (essai)',
    departements: ['14', '27', '50', '61', '76'],
    sandbox: true,
    repository: {
      baseUrl: sandbox.fhirBase,
      tokenUrl: sandbox.tokenUrl,
      accessProfile: 1,
      ways: ['patch', 'post'],
      timeoutMs: 5_000,
      ...repository,
    },
  };
  writeFileSync(join(folder, 'regions', '28.yaml'), JSON.stringify(profile));
  return folder;
}

/** Options of a profile that shows this certificate at a token endpoint of the same authority. */
function withCertificate(client: Certified, tokenUrl: string): Readonly<Record<string, unknown>> {
  const folder = mkdtempSync(join(home, 'pem-'));
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    tokenUrl,
    caFile: put('ca.pem', ca.cert),
    certificate: {
      format: 'pem',
      certFile: put('client.pem', client.cert),
      keyFile: put('client.key', client.key),
    },
  };
}

const RIGHT: Trial = { repository: () => ({}) };
const EXPIRED: Trial = {
  repository: () => withCertificate(clientOf(ca, 'GRADeS d’essai', [-400, -1]), mtls.tokenUrl),
};

interface Fault extends Trial {
  readonly what: string;
  /** Lines of `filror region check`, whole. */
  readonly checked: readonly string[];
  /** Lines of the standard error of `filror mirror refresh`, whole; none: it is not started. */
  readonly refused: readonly string[];
}

const FAULTS: readonly Fault[] = [
  {
    what: 'a wrong secret',
    ...RIGHT,
    secret: 'faux-secret',
    checked: [
      'Région 28 Normandie (essai) : La région n’est pas connectée : 1 point(s) à corriger.',
      '! à corriger    jeton        Le serveur d’autorisation n’a pas donné de jeton (réponse 401).',
      '                Que faire : vérifiez clientId et la variable d’environnement du secret (clientSecretEnv) dans le profil de la région.',
      '· non testé     recherche    Non testé : aucun jeton.',
    ],
    refused: [
      'Erreur ROR_TOKEN : Le serveur d’autorisation n’a pas donné de jeton (réponse 401).',
      'Que faire : vérifiez clientId et la variable d’environnement du secret (clientSecretEnv) dans le profil de la région.',
    ],
  },
  {
    what: 'a server that is down',
    repository: () => ({ baseUrl: `${nobody}/fhir`, tokenUrl: `${nobody}/jeton` }),
    checked: [
      'Région 28 Normandie (essai) : La région n’est pas connectée : 1 point(s) à corriger.',
      '! à corriger    jeton        Le serveur ne peut pas être joint (ECONNREFUSED).',
      '                Que faire : vérifiez l’adresse, le réseau et le mandataire ; rien n’a été envoyé, relancez plus tard.',
      '· non testé     recherche    Non testé : aucun jeton.',
    ],
    refused: [
      'Erreur HTTP_UNREACHABLE : Le serveur ne peut pas être joint (ECONNREFUSED).',
      'Que faire : vérifiez l’adresse, le réseau et le mandataire ; rien n’a été envoyé, relancez plus tard.',
    ],
  },
  {
    what: 'a certificate that has expired',
    ...EXPIRED,
    checked: [
      'Région 28 Normandie (essai) : La région n’est pas connectée : 1 point(s) à corriger.',
      `! à corriger    certificat   Certificat « GRADeS d’essai », valable jusqu’au ${yesterday()} : il a expiré.`,
      '                Que faire : renouvelez-le auprès de l’ANS (IGC-Santé), remplacez le fichier : filror le relit sans redémarrer.',
      '· non testé     jeton        Non testé : le profil ou le certificat est à corriger d’abord.',
    ],
    refused: [
      'Erreur ROR_TOKEN : Le serveur d’autorisation n’a pas donné de jeton (réponse 401).',
      'Que faire : vérifiez clientId et le certificat (repository.certificate) : il doit être en cours de validité, émis par l’autorité attendue et déclaré à l’ANS pour ce client_id. « filror region check », au terminal, le montre.',
    ],
  },
  {
    what: 'a page of HTML where FHIR is expected',
    repository: () => ({ baseUrl: `${html.url}/fhir` }),
    checked: [
      'Région 28 Normandie (essai) : La région n’est pas connectée : 2 point(s) à corriger.',
      '+ bon           jeton        Jeton obtenu, valable 300 s.',
      '! à corriger    métadonnées  Le répertoire a donné une réponse illisible : la réponse n’est pas du JSON.',
      '! à corriger    recherche    Le répertoire a donné une réponse illisible : la réponse n’est pas du JSON.',
      '                Que faire : vérifiez baseUrl dans le profil de la région ; si elle est juste, prévenez l’exploitant du répertoire.',
    ],
    refused: [
      'Erreur ROR_UNREADABLE : Le répertoire a donné une réponse illisible : la réponse n’est pas du JSON.',
      'Que faire : vérifiez baseUrl dans le profil de la région ; si elle est juste, prévenez l’exploitant du répertoire.',
    ],
  },
  {
    what: 'a page of HTML where a token is expected',
    repository: () => ({ tokenUrl: `${html.url}/jeton` }),
    checked: [
      '! à corriger    jeton        Le serveur d’autorisation a répondu autre chose qu’un jeton (réponse 200).',
      '                Que faire : vérifiez tokenUrl dans le profil de la région ; si elle est juste, prévenez l’exploitant du répertoire.',
    ],
    refused: [],
  },
];

/** The day, in Paris, on which a certificate valid until 24 hours ago ended. */
function yesterday(): string {
  const day = new Intl.DateTimeFormat('fr-FR', { timeZone: 'Europe/Paris', dateStyle: 'short' });
  return day.format(new Date(Date.now() - 86_400_000));
}

const writes = (): number => sandbox.writes().length;

describe('filror region check, as its users start it', () => {
  it('finds that a region is connected, exits 0, and says what to type next', async () => {
    const { code, stdout, stderr } = await filror(['region', 'check'], RIGHT);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toEqual([
      'Région 28 Normandie (essai) : La région est connectée.',
      '+ bon           profil       Profil complet : profil d’accès 1, voies patch, post.',
      '+ bon           créneaux     Écritures admises à toute heure.',
      '+ bon           jeton        Jeton obtenu, valable 300 s.',
      '+ bon           horloge      L’heure de cette machine est celle du serveur.',
      expect.stringMatching(/^\+ bon {11}métadonnées {2}FHIR 4\.0\.1 ; HealthcareService : .*create/),
      '+ bon           en-têtes     Jeton et en-têtes Ror-* acceptés.',
      '+ bon           recherche    Recherche lue : 2 offre(s) visibles avec ce profil d’accès.',
      '+ bon           par site     Recherche des offres d’un établissement comprise.',
      expect.stringMatching(/^· disjoncteur {3}127\.0\.0\.1:\d+ : fermé \(les requêtes passent\)$/),
      'Ensuite : filror sync --region 28 --dry-run',
      '',
    ]);
    expect(writes()).toBe(0);
  });

  it.each(FAULTS)('tells $what with its remedy, exit 1', async ({ checked, ...trial }) => {
    const { code, stdout, stderr } = await filror(['region', 'check'], trial);
    expect([code, stderr]).toEqual([1, '']);
    for (const line of checked) expect(stdout.split('\n')).toContain(line);
    expect(stdout).not.toContain('Ensuite :');
    expect(stdout).not.toContain(trial.secret ?? SECRET);
  });
});

describe('filror mirror refresh, as its users start it', () => {
  const kept = async (): Promise<number> => {
    const [row] = await database.owner('remote_version').count<{ count: string }[]>({ count: '*' });
    return Number(row?.count);
  };

  const refusals = FAULTS.filter(({ refused }) => refused.length > 0);

  it.each(refusals)(
    'tells $what with its remedy, exit 1, and keeps nothing',
    async ({ refused, ...trial }) => {
      const before = await kept();
      const { code, stdout, stderr } = await filror(['mirror', 'refresh'], trial);
      expect([code, stdout]).toEqual([1, '']);
      for (const line of refused) expect(stderr.split('\n')).toContain(line);
      expect(stderr).not.toContain(trial.secret ?? SECRET);
      expect(await kept()).toBe(before);
    },
  );

  it('reads a region in a dry run and keeps nothing, then reads it, then finds nothing new', async () => {
    const dry = await filror(['mirror', 'refresh', '--dry-run'], RIGHT);
    expect([dry.code, dry.stdout.split('\n').slice(-2)]).toEqual([
      0,
      ['Essai à blanc : rien n’a été gardé.', ''],
    ]);
    expect(await kept()).toBe(0);
    const first = await filror(['mirror', 'refresh'], RIGHT);
    expect(first.code).toBe(0);
    expect(first.stdout.split('\n')).toEqual([
      `Normandie (essai) : ${RESOURCES} ressource(s) modifiée(s), 0 disparue(s). (lecture complète par recherche, ${RESOURCES} ressource(s) lue(s))`,
      'Le miroir tient 2 offre(s), dont 1 de maladies rares (0 écrite(s) à l’ancienne façon) et 0 centre(s) de référence au sujet inconnu.',
      '',
    ]);
    expect(await kept()).toBe(RESOURCES);
    const second = await filror(['mirror', 'refresh', '--full'], RIGHT);
    expect([second.code, second.stdout.split('\n')[0]]).toEqual([
      0,
      `Normandie (essai) : Aucun changement dans le répertoire. (lecture complète par recherche, ${RESOURCES} ressource(s) lue(s))`,
    ]);
    expect(await kept()).toBe(RESOURCES);
    expect(writes()).toBe(0);
  });
});

describe('filror sandbox with a token endpoint over mutual TLS', () => {
  const pem = (name: string, text: string): string => {
    writeFileSync(join(home, name), text);
    return join(home, name);
  };
  const start = (...args: readonly string[]): Running => builtProgram().start(['sandbox', ...args], {});

  it('gives a token to the right certificate and refuses one of another authority', async () => {
    const running = start(
      ...['--tls-cert', pem('serveur.pem', server.cert), '--tls-key', pem('serveur.key', server.key)],
      ...['--client-ca', pem('autorite.pem', ca.cert)],
    );
    try {
      const tokenUrl = await found(running, /Jeton par certificat \(TLS mutuel\) : (https:\S+)/);
      const baseUrl = await found(running, /prêt : (http:\S+)/);
      const of = (client: Certified): Trial => ({
        repository: () => ({ ...withCertificate(client, tokenUrl), baseUrl }),
      });
      const stranger = clientOf(authority('Autre autorité'), 'GRADeS d’essai');
      const [right, wrong] = await Promise.all([
        filror(['region', 'check'], of(clientOf(ca, 'GRADeS d’essai'))),
        filror(['region', 'check'], of(stranger)),
      ]);
      expect([right.code, right.stdout.split('\n')[0]]).toEqual([
        0,
        'Région 28 Normandie (essai) : La région est connectée.',
      ]);
      expect(right.stdout).toMatch(/^\+ bon +certificat +Certificat « GRADeS d’essai », valable jusqu’au/m);
      expect(wrong.code).toBe(1);
      expect(wrong.stdout).toContain(
        'Que faire : vérifiez clientId et le certificat (repository.certificate)',
      );
    } finally {
      running.stop();
    }
    expect((await running.finished).code).toBe(0);
  });

  it('asks for its three files together, and names the one that cannot be read', async () => {
    const absent = join(home, 'absent.key');
    const cert = ['--tls-cert', pem('seul.pem', server.cert)];
    const files = [...cert, '--client-ca', pem('seul-ca.pem', ca.cert)];
    const [alone, missing, mixed] = await Promise.all([
      start(...cert).finished,
      start(...files, '--tls-key', absent).finished,
      start(...files, '--tls-key', pem('texte.key', 'rien')).finished,
    ]);
    expect([alone.code, missing.code, mixed.code]).toEqual([1, 1, 1]);
    expect(alone.stderr).toContain(
      'Que faire : donnez --tls-cert, --tls-key et --client-ca ensemble, ou aucun des trois.',
    );
    expect(missing.stderr).toContain(`Où : ${absent}`);
    expect(mixed.stderr).toContain('Que faire : donnez trois fichiers PEM :');
  });
});

async function found(running: Running, pattern: RegExp): Promise<string> {
  for (let i = 0; i < 600; i++) {
    const value = pattern.exec(running.said())?.[1];
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not said: ${running.said()}${running.told()}`);
}
