import { shortSystem } from '../ror/urls.js';
import { addReaderReport, readerReport, waitingReports, type ReaderReport } from '../db/reader-reports.js';
import { findServed, readServed, type FoundResource } from '../db/served-search.js';
import { inTransaction } from '../db/types.js';
import { DataError } from '../domain/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { keptText } from '../domain/plain-words.js';
import { append } from '../journal/append.js';
import { partOf, tokenKey } from '../publish/entries.js';
import { SERVED_TYPES } from '../publish/views.js';
import { parseBody } from '../ror/body.js';
import type { Asked, FhirContext } from './context.js';
import { Fault } from './outcome.js';
import type { Answer, Sent } from './routes.js';

/** Reports of one client that nobody has looked at yet. */
const MAX_WAITING = 200;
const INPUT = 'https://interop.esante.gouv.fr/ig/fhir/ror/CodeSystem/input-task-ror-codesystem';
const ROR = 'https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/ror-task';

/**
 * An error that a reader found, reported with the Task that it sends to the ROR already (api.md section 10): kept for the
 * PEMR, who declares the correction or says why there is none. Needs a token: an anonymous report could not be answered.
 */
export async function reportError(context: FhirContext, asked: Asked, sent: Sent): Promise<Answer> {
  const { client } = asked.reader;
  if (client === null)
    throw new Fault(
      401,
      'login',
      'Un signalement demande un jeton : nous répondons à qui nous écrit.',
      null,
      {
        'www-authenticate': 'Bearer',
      },
    );
  const region = asked.region.code;
  const task = taskOf(sent.body);
  const found = await focusOf(context, asked, task);
  if ((await waitingReports(context.db, region, client)) >= MAX_WAITING)
    throw new Fault(
      429,
      'throttled',
      `${MAX_WAITING} de vos signalements attendent déjà : réessayez plus tard.`,
    );
  const report: Omit<ReaderReport, 'no' | 'end'> = {
    id: context.newId(),
    receivedAt: context.now(),
    client,
    type: SERVED_TYPES.find((type) => type === found.type) ?? 'HealthcareService',
    resourceId: found.id,
    action: codeOf(task, 'reasonCode', 'TRE_R349', /^(AJO|COR|SUP)$/) as ReaderReport['action'],
    theme: codeOf(task, 'code', 'TRE_R350', /^0[1-6]$/),
    element: textOf('input[pathElementError]', inputOf(task, 'pathElementError'), 200),
    wrongValue: textOf('input[errorValue]', inputOf(task, 'errorValue'), 500),
    proposedValue: textOf('input[proposedValue]', inputOf(task, 'proposedValue'), 500),
    description: textOf('description', task['description'], 1000),
  };
  await inTransaction(context.db, async (trx) => {
    const no = await addReaderReport(trx, region, report);
    await append(trx, {
      region,
      kind: 'reader.reported',
      subject: `report:${no}`,
      actor: null,
      body: { ...report, receivedAt: report.receivedAt.toISOString() },
    });
  });
  return {
    status: 201,
    headers: { location: `${asked.url}/Task/${report.id}` },
    body: JSON.stringify(taskBody({ ...report, no: 0, end: null })),
    count: 1,
  };
}

/** How a report stands, for who made it. */
export async function readReport(context: FhirContext, asked: Asked, sent: Sent): Promise<Answer> {
  const { client } = asked.reader;
  const id = sent.params['id'] ?? '';
  const report =
    client !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
      ? await readerReport(context.db, asked.region.code, { id, client })
      : null;
  if (report === null) throw new Fault(404, 'not-found', 'Ce signalement n’est pas connu de ce lecteur.');
  return { status: 200, body: JSON.stringify(taskBody(report)), count: 1 };
}

function taskBody(report: ReaderReport): JsonObject {
  const system = (name: string): string =>
    `https://mos.esante.gouv.fr/NOS/${name}/FHIR/${name.replace('_', '-')}`;
  const concept = (name: string, code: string): JsonObject => ({ coding: [{ system: system(name), code }] });
  const { end } = report;
  const status = end === null ? '02' : { corrected: '08', refused: '09' }[end.outcome];
  return {
    resourceType: 'Task',
    id: report.id,
    meta: { lastUpdated: (end?.at ?? report.receivedAt).toISOString(), profile: [ROR] },
    status: end === null ? 'requested' : end.outcome === 'corrected' ? 'completed' : 'rejected',
    businessStatus: concept('TRE_R352-StatutMetierAnomalie', status),
    intent: 'order',
    code: concept('TRE_R350-ThematiqueAnomalie', report.theme),
    ...(report.description === null ? {} : { description: report.description }),
    focus: { reference: `${report.type}/${report.resourceId}` },
    authoredOn: report.receivedAt.toISOString(),
    lastModified: (end?.at ?? report.receivedAt).toISOString(),
    reasonCode: concept('TRE_R349-ActionAnomalie', report.action),
    input: [{ type: { coding: [{ system: INPUT, code: 'systemRequester' }] }, valueString: report.client }],
    ...(end === null ? {} : { statusReason: { text: end.reason } }),
  };
}

function taskOf(body: string): JsonObject {
  let task: JsonObject;
  try {
    task = parseBody(body, 'corps de la demande');
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new Fault(400, 'invalid', error.message);
  }
  if (task['resourceType'] !== 'Task')
    throw new Fault(
      400,
      'invalid',
      'Un signalement est une ressource Task, comme dans le ROR.',
      'resourceType',
    );
  return task;
}

/** What the report is about, among what this reader is shown: by reference, or by type and identifier. */
async function focusOf(context: FhirContext, asked: Asked, task: JsonObject): Promise<FoundResource> {
  const place = { region: asked.region.code, view: asked.view };
  const focus = isJsonObject(task['focus']) ? task['focus'] : {};
  const [, type, id] =
    /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/.exec(String(focus['reference'] ?? '')) ?? [];
  if (type !== undefined && id !== undefined) {
    const found = await readServed(context.db, place, type, id);
    if (found !== null) return found;
    throw new Fault(
      422,
      'not-found',
      `${type}/${id} n’est pas servi ici : citez une ressource que vous avez lue.`,
      'Task.focus',
    );
  }
  const identifier = isJsonObject(focus['identifier']) ? focus['identifier']['value'] : undefined;
  const named = SERVED_TYPES.find((each) => each === focus['type']) ?? 'HealthcareService';
  if (typeof identifier !== 'string' || identifier === '')
    throw new Fault(
      400,
      'invalid',
      'Dites de quelle ressource il s’agit : focus.reference, ou focus.type et focus.identifier.value.',
      'Task.focus',
    );
  const [found] = /[\u0000-\u001f]/.test(identifier)
    ? []
    : await findServed(
        context.db,
        place,
        named,
        [{ kind: 'tokens', any: [tokenKey(named, 'identifier', partOf(identifier))], not: false }],
        { sort: 'id', descending: false, after: null, limit: 1 },
      );
  if (found === undefined)
    throw new Fault(
      422,
      'not-found',
      'Aucune ressource servie ne porte cet identifiant.',
      'Task.focus.identifier',
    );
  return found;
}

function codeOf(task: JsonObject, name: string, list: string, known: RegExp): string {
  const concept = task[name];
  const codings = isJsonObject(concept) ? [concept['coding'] ?? []].flat() : [];
  const coding = (codings as readonly Json[]).find(
    (each) => isJsonObject(each) && shortSystem(String(each['system'])) === list,
  );
  const code = isJsonObject(coding) ? coding['code'] : undefined;
  if (typeof code !== 'string' || !known.test(code))
    throw new Fault(422, 'invalid', `Task.${name} demande un code de ${list}.`, `Task.${name}`);
  return code;
}

function inputOf(task: JsonObject, code: string): Json | undefined {
  const inputs = ([task['input'] ?? []].flat() as readonly Json[]).filter(isJsonObject);
  const input = inputs.find(({ type }) => JSON.stringify(type ?? null).includes(`"${code}"`));
  const value = Object.entries(input ?? {}).find(([name]) => name.startsWith('value'))?.[1];
  return isJsonObject(value) ? (value['expression'] ?? value['value'] ?? JSON.stringify(value)) : value;
}

/** Kept for ever: short, on one line, without phone number nor e-mail. */
function textOf(name: string, value: Json | undefined, longest: number): string | null {
  if (value === undefined || value === null || value === '') return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length > longest)
    throw new Fault(422, 'too-long', `Task.${name} : ${longest} caractères au plus.`, `Task.${name}`);
  try {
    return keptText(text, `Task.${name}`, 'un texte');
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new Fault(
      422,
      'invalid',
      `${error.message} Écrivez-le sans coordonnées : la PEMR les demandera au service.`,
      `Task.${name}`,
    );
  }
}
