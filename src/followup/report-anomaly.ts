import type { ApplyContext } from '../apply/context.js';
import { betweenLooksMs, lastLeave, longestSendMs } from '../apply/conclude.js';
import { permission } from '../apply/permission.js';
import { transmit } from '../apply/transmit.js';
import { asksAgreement } from '../config/schema/region.js';
import { addAnomalyStatus, anomalies, openAnomaly, updateAnomaly, type Anomaly } from '../db/anomalies.js';
import { openAttempt } from '../db/attempts.js';
import { lockChange, OPEN_STATES, type StoredChange } from '../db/changes.js';
import type { Actor } from '../db/people.js';
import { lockRegion, setRegionRules } from '../db/runs.js';
import { inTransaction, type Trx } from '../db/types.js';
import { STATE_WORDS } from '../domain/change.js';
import { FilrorError, RefusalError } from '../domain/errors.js';
import { ROLE_WORDS } from '../domain/roles.js';
import type { JsonObject } from '../domain/json.js';
import { append } from '../journal/append.js';
import { saysTheSame } from '../ror/equality.js';
import { CREATED_STATUS } from '../ror/task.js';
import type { AnomalyDraft } from './anomaly.js';
import { statusOf } from './task-status.js';

/** What became of a report. */
export interface AnomalyReceipt {
  readonly change: string;
  readonly result: 'sent' | 'refused' | 'waiting' | 'uncertain';
  /** Id that the repository gave to the Task. */
  readonly task: string | null;
  /** French: what happened, and what to do. */
  readonly message: string;
}

/**
 * Reports an anomaly by a Task: intent, request, read back, record, as a write (rule 6). What an earlier try left
 * unknown is looked for first, by the words of its description. The report of an approved change hands that change over.
 * @throws RefusalError `NO_TASK_WAY`, `ALREADY_REPORTED`, `NOT_REPORTABLE`, `NOT_AS_SHOWN`, `NO_GRANT`, `FOUR_EYES`
 */
export async function reportAnomaly(
  context: ApplyContext,
  person: Actor,
  change: StoredChange,
  draft: AnomalyDraft,
): Promise<AnomalyReceipt> {
  const { region } = context;
  if (!region.repository.ways.includes('task')) throw noTaskWay(context);
  const left = await sameReport(context, change, draft);
  if (left !== undefined) {
    if (left.state === 'sent') throw alreadyReported(change, left);
    const recovered = await recover(context, change, left);
    if (recovered !== null) return recovered;
  }
  // By this machine's clock and taken before the intent's instant: recovery counts on it, as for a write.
  const notAfter = lastLeave(context);
  const no = await begin(context, person, change, draft);
  const outcome = await context.client.create('Task', draft.body, notAfter);
  switch (outcome.kind) {
    case 'done':
      return await conclude(context, change, { no, ...draft }, outcome.id);
    case 'refused': {
      const message = `le répertoire a refusé le signalement : ${outcome.text} Que faire : vérifiez avec le GRADeS que ce compte peut signaler, puis recommencez.`;
      await settle(context, change, no, 'refused', message);
      return { change: change.id, result: 'refused', task: null, message };
    }
    case 'notSent': {
      const message = `rien n’est parti : ${outcome.error.message} Que faire : ${outcome.error.remedy}`;
      await settle(context, change, no, 'abandoned', message);
      return { change: change.id, result: 'waiting', task: null, message };
    }
    case 'unknown': {
      const message = `issue inconnue (${outcome.text}). Que faire : relancez au terminal « filror task send ${change.id} » : il cherche le signalement avant d’en faire un autre.`;
      await settle(context, change, no, 'uncertain', message);
      return { change: change.id, result: 'uncertain', task: null, message };
    }
  }
}

async function sameReport(
  { db, region }: ApplyContext,
  change: StoredChange,
  draft: AnomalyDraft,
): Promise<Anomaly | undefined> {
  const standing = await anomalies(db, region.code, ['open', 'sent', 'uncertain']);
  return standing.find(
    (each) => each.changeId === change.id && each.hash === change.hash && each.about === draft.about,
  );
}

/** The intent is committed before anything is sent; approvals, agreement and rights are looked at in the same breath. */
async function begin(
  context: ApplyContext,
  person: Actor,
  shown: StoredChange,
  draft: AnomalyDraft,
): Promise<number> {
  const { db, region } = context;
  const at = context.now();
  return await inTransaction(db, async (trx) => {
    await lockRegion(trx, region.code);
    await setRegionRules(trx, region.code, {
      sandbox: region.sandbox,
      grantMaxAgeDays: context.config.review.grantMaxAgeDays,
      agreementAsked: asksAgreement(region),
    });
    await requireReportable(trx, context, shown, draft);
    let no: number | null;
    try {
      no = await openAnomaly(trx, region.code, {
        changeId: shown.id,
        hash: shown.hash,
        about: draft.about,
        action: draft.action,
        mark: draft.mark,
        body: draft.body,
        sentBy: person.id,
        leaseUntil: safeAfter(context, await context.sharedClock(trx)),
        createdAt: at,
      });
    } catch (error) {
      throw translated(error, person, shown);
    }
    if (no === null) throw alreadyReported(shown, null);
    await append(trx, {
      region: region.code,
      kind: 'anomaly.intent',
      subject: `change:${shown.id}`,
      actor: person.id,
      body: { change: shown.id, hash: shown.hash, anomaly: no, about: draft.about, task: draft.body },
    });
    return no;
  });
}

/** From this instant, by the shared clock, nothing of an intent made at `from` can arrive any more. */
function safeAfter(context: ApplyContext, from: Date): Date {
  return new Date(from.getTime() + longestSendMs(context) + context.region.repository.declaredLagMs);
}

async function requireReportable(
  trx: Trx,
  context: ApplyContext,
  shown: StoredChange,
  draft: AnomalyDraft,
): Promise<void> {
  const change = await lockChange(trx, context.region.code, shown.id);
  if (change === null || change.hash !== shown.hash) {
    throw new RefusalError({
      code: 'NOT_AS_SHOWN',
      message: `Le changement ${shown.id} n’est plus celui qui a été montré.`,
      place: `changement ${shown.id}`,
      remedy: `relisez-le (page « Changements », ou « filror show ${shown.id} » au terminal), puis recommencez.`,
    });
  }
  if (draft.about === 'carrier' && OPEN_STATES.includes(change.state)) return;
  if (change.state === 'transmitted') return;
  const given = await permission(trx, context, change.id, change.hash);
  if (given.kind === 'granted') return;
  throw new RefusalError({
    code: 'NOT_REPORTABLE',
    message: `Le changement ${change.id} (« ${STATE_WORDS[change.state]} ») ne se signale pas encore : ${given.why}`,
    place: `changement ${change.id}`,
    remedy: 'faites-le approuver et accorder comme pour un envoi, puis recommencez.',
  });
}

/** Reads the Task again and records it; the report of an approved change hands the change over. */
async function conclude(
  context: ApplyContext,
  change: StoredChange,
  report: { readonly no: number; readonly body: string },
  id: string,
): Promise<AnomalyReceipt> {
  let back: JsonObject | null;
  try {
    const read = await context.client.read('Task', id);
    back = read.kind === 'found' ? read.resource : null;
  } catch (error) {
    if (!(error instanceof FilrorError)) throw error;
    back = null;
  }
  if (back === null) {
    const message = `accepté, mais le signalement ${id} n’a pas pu être relu. Que faire : relancez au terminal « filror task send ${change.id} ».`;
    await settle(context, change, report.no, 'uncertain', message);
    return { change: change.id, result: 'uncertain', task: id, message };
  }
  const lacking = lackingOf(JSON.parse(report.body) as JsonObject, back);
  const at = context.now();
  await inTransaction(context.db, async (trx) => {
    const region = context.region.code;
    await lockRegion(trx, region);
    const outcome = { remoteId: id, lacking };
    if (!(await updateAnomaly(trx, region, report.no, { state: 'sent', remoteId: id, endedAt: at, outcome })))
      return;
    await addAnomalyStatus(trx, region, report.no, statusOf(back) ?? CREATED_STATUS, at);
    await append(trx, {
      region,
      kind: 'anomaly.sent',
      subject: `change:${change.id}`,
      actor: context.actor?.id ?? null,
      body: { change: change.id, hash: change.hash, anomaly: report.no, task: id, lacking },
    });
    await handOver(trx, context, change);
  });
  const told =
    lacking.length === 0 ? 'relu identique' : `relu sans ${lacking.join(', ')} : dites-le au GRADeS`;
  return { change: change.id, result: 'sent', task: id, message: `signalement ${id} créé, ${told}.` };
}

/** An approved change whose report stands is handed over; rejected meanwhile, it stays rejected. */
async function handOver(trx: Trx, context: ApplyContext, { id, hash }: StoredChange): Promise<void> {
  const given = await permission(trx, context, id, hash);
  if (given.kind === 'refused') return;
  const { change } = given;
  const attempt = await openAttempt(trx, {
    region: context.region.code,
    changeId: id,
    hash,
    target: change.target,
    way: 'task',
    identifier: null,
    remoteId: null,
    requestPath: 'Task',
    requestBody: '',
    leaseUntil: await context.sharedClock(trx),
  });
  if (attempt !== null) await transmit(trx, context, change, attempt);
}

/** What the read-back does not say as it was sent. */
function lackingOf(sent: JsonObject, back: JsonObject): string[] {
  return ['code', 'reasonCode', 'focus', 'description', 'input'].filter((name) => {
    const [asked, said] = [sent[name], back[name]];
    return asked === undefined || said === undefined || !saysTheSame(asked, said);
  });
}

/**
 * Looks for a report whose outcome nobody recorded, by the words of its description: now, and twice more once nothing
 * can arrive any more (rule 6).
 * @returns null when nothing was created and it may be made again
 */
async function recover(
  context: ApplyContext,
  change: StoredChange,
  left: Anomaly,
): Promise<AnomalyReceipt | null> {
  const look = async (): Promise<string | null> => {
    for await (const { resource } of context.client.search('Task', [['_content', change.id]])) {
      const { id, description } = resource;
      if (typeof id === 'string' && typeof description === 'string' && description.includes(left.mark))
        return id;
    }
    return null;
  };
  const now = await context.sharedClock(context.db);
  const untilSafe = left.leaseUntil.getTime() - now.getTime();
  for (const wait of [0, untilSafe, betweenLooksMs(context)]) {
    if (wait > 0) await context.sleep(wait);
    const found = await look();
    if (found !== null) return await conclude(context, change, left, found);
  }
  await settle(context, change, left.no, 'abandoned', 'deux recherches concordantes : rien n’a été créé');
  return null;
}

async function settle(
  context: ApplyContext,
  change: StoredChange,
  no: number,
  state: 'refused' | 'abandoned' | 'uncertain',
  message: string,
): Promise<void> {
  const at = context.now();
  const region = context.region.code;
  await inTransaction(context.db, async (trx) => {
    const ended = state === 'uncertain' ? {} : { endedAt: at };
    if (!(await updateAnomaly(trx, region, no, { state, outcome: { message }, ...ended }))) return;
    await append(trx, {
      region,
      kind: `anomaly.${state}`,
      subject: `change:${change.id}`,
      actor: context.actor?.id ?? null,
      body: { change: change.id, hash: change.hash, anomaly: no, message },
    });
  });
}

function translated(error: unknown, person: Actor, change: StoredChange): unknown {
  const text = error instanceof Error ? error.message : '';
  if (text.includes('FILROR_FOUR_EYES')) {
    return new RefusalError({
      code: 'FOUR_EYES',
      message: `${person.displayName} est à l’origine d’une valeur du changement ${change.id} et ne peut pas le signaler.`,
      place: `changement ${change.id}`,
      remedy: 'demandez l’envoi du signalement à une autre personne.',
    });
  }
  if (text.includes('FILROR_NOT_ENTITLED')) {
    return new RefusalError({
      code: 'NO_GRANT',
      message: `${person.displayName} n’a pas le droit d’envoyer un signalement.`,
      remedy: `faites-le envoyer par une personne qui a le droit de ${ROLE_WORDS.reviewer} ; hors région d’essai, il y faut une connexion nominative.`,
    });
  }
  return error;
}

function alreadyReported(change: StoredChange, left: Anomaly | null): RefusalError {
  const task = left?.remoteId === null || left === null ? '' : ` (Task ${left.remoteId})`;
  return new RefusalError({
    code: 'ALREADY_REPORTED',
    message: `Le changement ${change.id} est déjà signalé${task}.`,
    place: `changement ${change.id}`,
    remedy:
      'suivez-le à la page « À saisir » (au terminal : « filror task list ») ; son statut est relu à chaque synchronisation.',
  });
}

function noTaskWay({ region }: ApplyContext): RefusalError {
  return new RefusalError({
    code: 'NO_TASK_WAY',
    message: `Le profil de la région ${region.name} n’admet pas de signalement (Task) : voies admises ${region.repository.ways.join(', ')}.`,
    place: `regions/${region.code}.yaml, repository.ways`,
    remedy: 'ajoutez « task » aux voies quand le GRADeS l’a accepté.',
  });
}
