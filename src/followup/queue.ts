import { isHanded, wayOrNull } from '../apply/ways.js';
import { asksAgreement, type RegionProfile } from '../config/schema/region.js';
import type { FollowupConfig } from '../config/schema/followup.js';
import { standingAgreements } from '../db/agreements.js';
import { changesByIds, changesInStates, type StoredChange } from '../db/changes.js';
import { decisionsOf } from '../db/decisions.js';
import { endedSince, followupsOf, type FollowupEnd, type FollowupEvent } from '../db/followups.js';
import type { Db } from '../db/types.js';
import { DAY_MS } from '../domain/time.js';

/** Steps of the queue "À saisir dans le ROR", in their order (DESIGN 3 (10)). */
export type QueueStep = 'agreement' | 'disagreed' | 'ready' | 'transmitted' | FollowupEnd;

export const STEP_WORDS: Readonly<Record<QueueStep, string>> = {
  agreement: 'accord attendu',
  disagreed: 'accord refusé',
  ready: 'à transmettre',
  transmitted: 'transmis',
  seen: 'vu',
  differs: 'différent',
  refused: 'refusé',
  expired: 'expiré',
};

/** "2 accords attendus", "1 vu": what is one line's in `STEP_WORDS`, for several. */
const SEVERAL: Readonly<Partial<Record<QueueStep, string>>> = {
  agreement: 'accords attendus',
  disagreed: 'accords refusés',
  seen: 'vus',
  differs: 'différents',
  refused: 'refusés',
  expired: 'expirés',
};

export function stepCount(step: QueueStep, count: number): string {
  return `${String(count)} ${count > 1 ? (SEVERAL[step] ?? STEP_WORDS[step]) : STEP_WORDS[step]}`;
}

/** One line of the queue. */
export interface QueueItem {
  readonly change: StoredChange;
  readonly step: QueueStep;
  /** Service or function that types it; null when nobody was named. */
  readonly owner: string | null;
  /** When it came to this step. */
  readonly since: Date;
  readonly ageDays: number;
  /** When a reminder is due; null when none is: not handed over, or ended. */
  readonly remindAt: Date | null;
  readonly reminderDue: boolean;
  readonly reminders: number;
  readonly expiresAt: Date | null;
  /** Why it ended so, or why it waits. */
  readonly reason: string | null;
  /** For `differs`: the three columns. */
  readonly columns: readonly unknown[];
}

/** The queue as it stands, oldest first in each step; what ended is shown for some days. */
export async function queueOf(
  db: Db,
  region: RegionProfile,
  config: FollowupConfig,
  now: Date,
): Promise<QueueItem[]> {
  const approved = (await changesInStates(db, region.code, ['approved'])).filter((change) =>
    isHanded(wayOrNull(region, change)),
  );
  const transmitted = await changesInStates(db, region.code, ['transmitted']);
  const since = new Date(now.getTime() - config.endedShownDays * DAY_MS);
  const ended = await changesByIds(db, region.code, await endedSince(db, region.code, since));
  const all = [...approved, ...transmitted, ...ended];
  const events = await followupsOf(
    db,
    region.code,
    all.map((change) => change.id),
  );
  const agreements = await standingAgreements(db, region.code, approved);
  const items: QueueItem[] = [];
  for (const change of approved) {
    const standing = agreements.get(change.id);
    const step =
      !asksAgreement(region) || standing?.verdict === 'agree'
        ? 'ready'
        : standing === undefined
          ? 'agreement'
          : 'disagreed';
    const decisions = await decisionsOf(db, region.code, change.id);
    const at = standing?.recordedAt ?? decisions.at(-1)?.at ?? change.openedAt;
    const steps = events.get(change.id) ?? [];
    items.push({ ...waitingItem(change, step, steps, at, now), reason: standing?.reason ?? null });
  }
  for (const change of transmitted)
    items.push(transmittedItem(change, events.get(change.id) ?? [], config, now));
  for (const change of ended) items.push(endedItem(change, events.get(change.id) ?? [], now));
  return items.sort((a, b) => rank(a) - rank(b) || a.since.getTime() - b.since.getTime());
}

const rank = (item: QueueItem): number => Object.keys(STEP_WORDS).indexOf(item.step);

function waitingItem(
  change: StoredChange,
  step: QueueStep,
  events: readonly FollowupEvent[],
  since: Date,
  now: Date,
): QueueItem {
  return {
    change,
    step,
    owner: ownerOf(events),
    since,
    ageDays: Math.floor((now.getTime() - since.getTime()) / DAY_MS),
    remindAt: null,
    reminderDue: false,
    reminders: 0,
    expiresAt: null,
    reason: null,
    columns: [],
  };
}

function transmittedItem(
  change: StoredChange,
  events: readonly FollowupEvent[],
  config: FollowupConfig,
  now: Date,
): QueueItem {
  const handed = events.find((event) => event.kind === 'transmitted');
  const reminders = events.filter((event) => event.kind === 'reminded');
  const since = handed?.at ?? change.openedAt;
  const last = reminders.at(-1)?.at ?? since;
  const remindAt = new Date(last.getTime() + config.reminderDays * DAY_MS);
  return {
    ...waitingItem(change, 'transmitted', events, since, now),
    remindAt,
    reminderDue: remindAt.getTime() <= now.getTime(),
    reminders: reminders.length,
    expiresAt: handed?.expiresAt ?? null,
  };
}

function endedItem(change: StoredChange, events: readonly FollowupEvent[], now: Date): QueueItem {
  const end = events.findLast((event) => !['transmitted', 'assigned', 'reminded'].includes(event.kind));
  const body = end?.body as { columns?: unknown[] } | null | undefined;
  return {
    ...waitingItem(change, (end?.kind ?? 'expired') as FollowupEnd, events, end?.at ?? now, now),
    reason: end?.reason ?? null,
    columns: body?.columns ?? [],
  };
}

export function ownerOf(events: readonly FollowupEvent[]): string | null {
  return events.findLast((event) => event.kind === 'assigned')?.owner ?? null;
}
