import type { RegionProfile } from '../config/schema/region.js';
import { FilrorError } from '../domain/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { isOpen, windowsText } from '../domain/windows.js';
import type { CircuitState } from '../http/circuit.js';
import type { HttpResponse } from '../http/client.js';
import { readCertificate } from './auth-certificate.js';
import type { RorClient } from './client.js';
import { issuesText, outcomeIssues } from './outcome.js';
import { parseObject, readSearchset } from './searchset.js';
import { DAY_MS } from '../domain/time.js';

/** What one test found. `alert` works today and will not for ever, or not as well as it could. */
export interface Finding {
  readonly id:
    'profile' | 'certificate' | 'token' | 'clock' | 'metadata' | 'headers' | 'search' | 'carrier' | 'windows';
  readonly state: 'works' | 'alert' | 'fails' | 'notTested';
  /** French, one sentence. */
  readonly text: string;
  /** French: what to do or to type next; null when there is nothing to do. */
  readonly next: string | null;
}

export interface RegionReport {
  readonly region: string;
  readonly name: string;
  readonly at: Date;
  readonly findings: readonly Finding[];
  readonly circuits: readonly CircuitState[];
  readonly works: boolean;
}

export interface CheckContext {
  readonly profile: RegionProfile;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Called once the profile allows a connection. */
  readonly connect: () => RorClient;
}

/** Beyond half a minute a token of five minutes is in danger at both ends; beyond five it may be refused at once. */
const SKEW_ALERT_MS = 30_000;
const SKEW_FAILS_MS = 300_000;
/** What the shipped profiles hold until the ANS has answered. */
const PLACEHOLDER = /^a-remettre/;

/**
 * Tries what a synchronisation needs, from near to far, and stops where the rest would only repeat the same failure.
 * Token, metadata and one page of a search: nothing is written.
 */
export async function checkRegion(context: CheckContext): Promise<RegionReport> {
  const { profile, now } = context;
  const findings: Finding[] = [checkProfile(context), ...checkCertificate(context), checkWindows(context)];
  let circuits: readonly CircuitState[] = [];
  if (findings.some(({ state }) => state === 'fails')) {
    findings.push(notTested('token', 'le profil ou le certificat est à corriger d’abord'));
  } else {
    const client = context.connect();
    try {
      findings.push(...(await checkServer(client, context)));
      circuits = client.circuits();
    } finally {
      client.close();
    }
  }
  const works = findings.every(({ state }) => state === 'works' || state === 'alert');
  return { region: profile.code, name: profile.name, at: now(), findings, circuits, works };
}

function checkProfile({ profile, env }: CheckContext): Finding {
  const { clientId, certificate, clientSecretEnv, accessProfile, ways } = profile.repository;
  const fail = (text: string, next: string): Finding => ({ id: 'profile', state: 'fails', text, next });
  if (PLACEHOLDER.test(clientId))
    return fail(
      `Le profil porte encore un client_id d’attente (« ${clientId} »).`,
      `demandez le client_id à l’ANS (guide ops/guides/connecter-une-region.md), écrivez-le dans regions/${profile.code}.yaml, puis relancez « filror region check --region ${profile.code} ».`,
    );
  if (certificate === null && (env[clientSecretEnv] ?? '') === '')
    return fail(
      `Le secret manque : la variable d’environnement ${clientSecretEnv} est vide.`,
      `posez ${clientSecretEnv} dans l’environnement du service, puis relancez « filror region check --region ${profile.code} ».`,
    );
  return {
    id: 'profile',
    state: 'works',
    text: `Profil complet : profil d’accès ${accessProfile}, voies ${ways.join(', ')}.`,
    next: null,
  };
}

function checkCertificate({ profile, env, now }: CheckContext): Finding[] {
  const { certificate } = profile.repository;
  if (certificate === null) return [];
  try {
    const found = readCertificate(certificate, env);
    return [expiry(found, now())];
  } catch (error) {
    return [failed('certificate', error)];
  }
}

/** Alerts at 60, 30 and 7 days: asking the IGC-Santé for another one takes weeks. */
export function expiry(
  found: { readonly subject: string; readonly validFrom: Date; readonly validTo: Date },
  now: Date,
): Finding {
  const days = Math.floor((found.validTo.getTime() - now.getTime()) / DAY_MS);
  const until = found.validTo.toLocaleDateString('fr-FR', { timeZone: 'Europe/Paris' });
  const text = `Certificat « ${found.subject} », valable jusqu’au ${until}`;
  const renew =
    'renouvelez-le auprès de l’ANS (IGC-Santé), remplacez le fichier : filror le relit sans redémarrer.';
  const certificate = (state: Finding['state'], why: string, next: string | null): Finding => ({
    id: 'certificate',
    state,
    text: `${text}${why}.`,
    next,
  });
  if (found.validTo.getTime() <= now.getTime()) return certificate('fails', ' : il a expiré', renew);
  if (found.validFrom.getTime() > now.getTime())
    return certificate(
      'fails',
      ' : il n’est pas encore valable',
      'vérifiez l’heure de cette machine, ou attendez sa date.',
    );
  if (days < 7) return certificate('alert', ` : urgent, moins de 7 jours (${days})`, renew);
  if (days < 30) return certificate('alert', ` : moins de 30 jours (${days})`, renew);
  if (days < 60) return certificate('alert', ` : moins de 60 jours (${days})`, renew);
  return certificate('works', ` (${days} jours)`, null);
}

function checkWindows({ profile, now }: CheckContext): Finding {
  const { windows } = profile.repository;
  const when = windowsText(windows);
  const state = isOpen(windows, now()) ? 'ouvertes' : 'fermées';
  const text =
    when === null
      ? 'Écritures admises à toute heure.'
      : `Écritures ${state} en ce moment (${when}, heure de Paris).`;
  return { id: 'windows', state: 'works', text, next: null };
}

async function checkServer(client: RorClient, { profile, now }: CheckContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    const { lifeSeconds } = await client.token();
    findings.push({
      id: 'token',
      state: 'works',
      text: `Jeton obtenu, valable ${lifeSeconds} s.`,
      next: null,
    });
  } catch (error) {
    return [failed('token', error), notTested('metadata', 'aucun jeton'), notTested('search', 'aucun jeton')];
  }
  const asked = now().getTime();
  const metadata = await answerOf(client, 'metadata');
  if (metadata instanceof FilrorError) findings.push(failed('metadata', metadata));
  else
    findings.push(
      checkClock(metadata.headers['date'], asked, now().getTime()),
      checkMetadata(metadata, profile),
    );
  const search = await checkSearch(client);
  findings.push(...search);
  const works = search.every(({ state }) => state === 'works');
  if (works && profile.repository.ways.includes('post')) findings.push(await checkCarrier(client));
  return findings;
}

async function answerOf(client: RorClient, path: string): Promise<HttpResponse | FilrorError> {
  try {
    return await client.get(path);
  } catch (error) {
    if (error instanceof FilrorError) return error;
    throw error;
  }
}

/** The answer's Date has whole seconds and lies somewhere between our request and its answer. */
export function checkClock(date: string | undefined, before: number, after: number): Finding {
  const server = Date.parse(date ?? '');
  if (Number.isNaN(server)) return notTested('clock', 'le serveur ne donne pas l’heure (en-tête Date)');
  const skew = server + 999 < before ? server + 999 - before : server > after ? server - after : 0;
  const seconds = Math.round(Math.abs(skew) / 1000);
  const sense = skew < 0 ? 'en avance' : 'en retard';
  if (Math.abs(skew) < SKEW_ALERT_MS)
    return {
      id: 'clock',
      state: 'works',
      text: 'L’heure de cette machine est celle du serveur.',
      next: null,
    };
  return {
    id: 'clock',
    state: Math.abs(skew) < SKEW_FAILS_MS ? 'alert' : 'fails',
    text: `L’heure de cette machine est ${sense} de ${seconds} s sur celle du serveur.`,
    next: 'mettez la machine à l’heure (chronyc tracking, timedatectl) ; les jetons et les deltas en dépendent.',
  };
}

const INTERACTION: Readonly<Record<string, string>> = { patch: 'patch', post: 'create', put: 'update' };

function checkMetadata(answer: HttpResponse, profile: RegionProfile): Finding {
  const fail = (text: string): Finding => ({
    id: 'metadata',
    state: 'fails',
    text,
    next: 'vérifiez baseUrl dans le profil de la région ; si elle est juste, prévenez l’exploitant du répertoire.',
  });
  if (answer.status !== 200) return fail(`Les métadonnées sont refusées (réponse ${answer.status}).`);
  let statement: JsonObject;
  try {
    statement = parseObject(answer.text, 'metadata');
  } catch (error) {
    return failed('metadata', error);
  }
  const version = statement['fhirVersion'];
  if (statement['resourceType'] !== 'CapabilityStatement' || typeof version !== 'string')
    return fail('L’adresse ne répond pas comme un serveur FHIR (aucun CapabilityStatement).');
  if (!version.startsWith('4.0')) return fail(`Le serveur parle FHIR ${version}, et non FHIR R4 (4.0).`);
  const declared = interactionsOf(statement);
  const absent = profile.repository.ways.filter((way) => {
    const wanted = INTERACTION[way];
    return wanted !== undefined && !declared.has(wanted);
  });
  if (absent.length > 0)
    return {
      id: 'metadata',
      state: 'alert',
      text: `FHIR ${version} ; le serveur ne déclare pas, pour HealthcareService, les voies du profil : ${absent.join(', ')}.`,
      next: `demandez au GRADeS si ces voies sont ouvertes à votre client_id ; sinon retirez-les de repository.ways.`,
    };
  return {
    id: 'metadata',
    state: 'works',
    text: `FHIR ${version} ; HealthcareService : ${[...declared].join(', ') || 'aucune interaction déclarée'}.`,
    next: null,
  };
}

function interactionsOf(statement: JsonObject): Set<string> {
  const offers = objects(statement['rest'])
    .flatMap((rest) => objects(rest['resource']))
    .find((resource) => resource['type'] === 'HealthcareService');
  return new Set(
    objects(offers?.['interaction']).flatMap(({ code }) => (typeof code === 'string' ? [code] : [])),
  );
}

/** One page of one offer: the token is taken, the four headers too, and the answer can be read. */
async function checkSearch(client: RorClient): Promise<Finding[]> {
  const answer = await answerOf(client, 'HealthcareService?_count=1');
  if (answer instanceof FilrorError) return [failed('search', answer)];
  const said = issuesText(outcomeIssues(answer.text));
  const why = said === '' ? '' : ` : ${said}`;
  if (answer.status === 401 || answer.status === 403)
    return [
      {
        id: 'headers',
        state: 'fails',
        text: `Le répertoire refuse le jeton ou les en-têtes Ror-* (réponse ${answer.status}${why}).`,
        next: 'comparez rorHeaders du profil avec les quatre valeurs remises par l’ANS avec le client_id, et le profil d’accès accordé.',
      },
      notTested('search', 'les en-têtes sont refusés'),
    ];
  const headers: Finding = {
    id: 'headers',
    state: answer.status === 200 ? 'works' : 'notTested',
    text:
      answer.status === 200 ? 'Jeton et en-têtes Ror-* acceptés.' : 'En-têtes Ror-* : réponse sans rapport.',
    next: null,
  };
  if (answer.status !== 200)
    return [
      headers,
      {
        id: 'search',
        state: 'fails',
        text: `La recherche échoue (réponse ${answer.status}${why}).`,
        next: 'vérifiez baseUrl ; relancez plus tard si le serveur est en maintenance, sinon prévenez son exploitant.',
      },
    ];
  try {
    const { total, entries } = readSearchset(answer.text, 'HealthcareService');
    const count = total ?? entries.length;
    return [
      headers,
      {
        id: 'search',
        state: 'works',
        text: `Recherche lue : ${count} offre(s) visibles avec ce profil d’accès.`,
        next: null,
      },
    ];
  } catch (error) {
    return [headers, failed('search', error)];
  }
}

/** No resource has this id: a server that honours the query answers nothing. */
const NOBODY = 'filror-essai-sans-offre';

/**
 * The look before each creation ("never twice", DESIGN rule 6): the offers of one establishment, by the only form that
 * the ROR declares (api.md, section 7: a chain from `organization`).
 */
async function checkCarrier(client: RorClient): Promise<Finding> {
  const query = `organization._id=${NOBODY}`;
  const carrier = (state: Finding['state'], text: string, next: string | null): Finding => ({
    id: 'carrier',
    state,
    text,
    next,
  });
  const answer = await answerOf(client, `HealthcareService?${query}&_count=1`);
  if (answer instanceof FilrorError) return failed('carrier', answer);
  if (answer.status !== 200) {
    const said = issuesText(outcomeIssues(answer.text));
    return carrier(
      'fails',
      `Le répertoire ne cherche pas les offres d’un établissement (${query} : réponse ${answer.status}${said === '' ? '' : `, ${said}`}) : aucune création ne peut partir.`,
      'demandez au GRADeS d’ouvrir ce chaînage (paramètre organization._id de HealthcareService) ; d’ici là, retirez « post » de repository.ways : les créations passeront par fiche.',
    );
  }
  try {
    const { total, entries } = readSearchset(answer.text, 'HealthcareService');
    if (entries.length === 0 && (total ?? 0) === 0)
      return carrier('works', 'Recherche des offres d’un établissement comprise.', null);
  } catch (error) {
    return failed('carrier', error);
  }
  return carrier(
    'alert',
    `Le répertoire ignore le critère d’établissement (${query} rend des offres) : chaque création relira toutes celles de la région.`,
    'signalez-le au GRADeS ; les créations restent sûres, mais lentes.',
  );
}

/** @throws what is no operational error */
function failed(id: Finding['id'], error: unknown): Finding {
  if (!(error instanceof FilrorError)) throw error;
  return { id, state: 'fails', text: error.message, next: error.remedy };
}

function notTested(id: Finding['id'], why: string): Finding {
  return { id, state: 'notTested', text: `Non testé : ${why}.`, next: null };
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((each) => isJsonObject(each)) : [];
}
