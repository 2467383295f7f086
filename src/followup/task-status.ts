import type { RegionProfile } from '../config/schema/region.js';
import { addAnomalyStatus, anomalies, type Anomaly } from '../db/anomalies.js';
import { attemptWay } from '../db/attempts.js';
import { changesByIds, endTransmitted } from '../db/changes.js';
import { addFollowup, followupsOf } from '../db/followups.js';
import type { Db, Trx } from '../db/types.js';
import { FilrorError } from '../domain/errors.js';
import type { PersonId } from '../domain/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { append } from '../journal/append.js';
import type { RorClient } from '../ror/client.js';
import type { Followed } from './follow.js';

/** TRE_R352: nothing more will come. */
const ENDED: ReadonlySet<string> = new Set(['03', '07', '08', '09']);
/** Annulé, toléré définitivement, refusé: whoever handles it will not change the record. */
const DECLINED: ReadonlySet<string> = new Set(['03', '07', '09']);

/** What the repository says of one report. */
export interface ReadStatus {
  readonly anomaly: Anomaly;
  readonly code: string;
}

/** Code of a Task's business status (TRE_R352); null when it says none. */
export function statusOf(task: JsonObject): string | null {
  const concept = task['businessStatus'];
  const coding = isJsonObject(concept) ? concept['coding'] : undefined;
  const first = Array.isArray(coding) ? (coding[0] as Json | undefined) : coding;
  const code = isJsonObject(first) ? first['code'] : undefined;
  return typeof code === 'string' && /^[0-9]{2}$/.test(code) ? code : null;
}

/** A report whose status could not be read: told with the run, which goes on. */
export interface UnreadStatus {
  readonly code: 'TASK_UNREAD';
  /** French. */
  readonly message: string;
  readonly remedy: string;
}

/**
 * Reads how far each report is, those that ended apart: nothing reported, no request. One that cannot be read is told,
 * and read again next time.
 */
export async function readStatuses(
  db: Db,
  region: string,
  client: Pick<RorClient, 'read'>,
): Promise<{ readonly statuses: readonly ReadStatus[]; readonly unread: readonly UnreadStatus[] }> {
  const statuses: ReadStatus[] = [];
  const unread: UnreadStatus[] = [];
  for (const anomaly of await anomalies(db, region, ['sent'])) {
    if (anomaly.remoteId === null || (anomaly.status !== null && ENDED.has(anomaly.status))) continue;
    try {
      const read = await client.read('Task', anomaly.remoteId);
      if (read.kind === 'absent') unread.push(unreadStatus(anomaly, ABSENT));
      const code = read.kind === 'found' ? statusOf(read.resource) : null;
      if (code !== null) statuses.push({ anomaly, code });
    } catch (error) {
      if (!(error instanceof FilrorError)) throw error;
      unread.push(unreadStatus(anomaly, error));
    }
  }
  return { statuses, unread };
}

const ABSENT = {
  message: 'le répertoire ne le connaît plus.',
  remedy: 'demandez au GRADeS ce que ce signalement est devenu.',
};

function unreadStatus(
  { remoteId, changeId }: Anomaly,
  why: { readonly message: string; readonly remedy: string },
): UnreadStatus {
  return {
    code: 'TASK_UNREAD',
    message: `Le suivi du signalement Task/${remoteId ?? ''} (changement ${changeId}) n’a pas pu être lu : ${why.message}`,
    remedy: why.remedy,
  };
}

/**
 * Records the statuses that moved, in the transaction of a reading. A report that is declined ends the wait of a change
 * that was handed over by it: its elements may be proposed again.
 */
export async function recordStatuses(
  trx: Trx,
  context: {
    readonly region: RegionProfile;
    readonly actor: { readonly id: PersonId } | null;
    readonly now: () => Date;
  },
  read: readonly ReadStatus[],
): Promise<Followed[]> {
  const region = context.region.code;
  const at = context.now();
  const followed: Followed[] = [];
  for (const { anomaly, code } of read) {
    if (anomaly.status === code) continue;
    await addAnomalyStatus(trx, region, anomaly.no, code, at);
    const declined = DECLINED.has(code) && (await declines(trx, region, anomaly, code, at));
    await append(trx, {
      region,
      kind: 'anomaly.status',
      subject: `change:${anomaly.changeId}`,
      actor: context.actor?.id ?? null,
      body: { anomaly: anomaly.no, task: anomaly.remoteId, before: anomaly.status, status: code, declined },
    });
    if (declined)
      followed.push({ change: anomaly.changeId, end: 'refused', offer: null, message: declinedText(code) });
  }
  return followed;
}

async function declines(
  trx: Trx,
  region: string,
  anomaly: Anomaly,
  code: string,
  at: Date,
): Promise<boolean> {
  const [change] = await changesByIds(trx, region, [anomaly.changeId]);
  const events = (await followupsOf(trx, region, [anomaly.changeId])).get(anomaly.changeId) ?? [];
  const handed = events.find((event) => event.kind === 'transmitted');
  if (change?.state !== 'transmitted' || handed === undefined || handed.attempt === null) return false;
  if ((await attemptWay(trx, region, handed.attempt)) !== 'task') return false;
  if (!(await endTransmitted(trx, region, change.id, 'conflict', at))) return false;
  await addFollowup(trx, region, {
    changeId: change.id,
    hash: change.hash,
    kind: 'refused',
    reason: declinedText(code),
    attempt: handed.attempt,
    person: null,
    at,
  });
  return true;
}

function declinedText(code: string): string {
  return `le signalement n’aura pas de suite (statut ${code})`;
}
