import { addAgreement } from '../../src/db/agreements.js';
import { identifyPerson } from '../../src/db/person.js';
import type { Actor } from '../../src/db/people.js';
import { openChanges } from '../../src/db/changes.js';
import { approve } from '../../src/review/decide.js';
import { sync } from '../../src/runs/sync.js';
import type { Body } from '../../src/sandbox/body.js';
import { approvedRegion, type ApprovedRegion } from './approved-region.js';
import { TestClock } from './clock.js';

/** A region with a past: one centre, one offer, on instants chosen by hand. */
export interface PastRegion extends ApprovedRegion {
  readonly clock: TestClock;
  readonly offer: string;
  readonly centre: string;
  /** The attachment, which everything is about. */
  readonly change: string;
}

/** What happened, in UTC; the two DST nights of 2026 are those of 29 March and 25 October in Paris. */
export const INSTANTS = {
  /** 10/03/2026 at 09:00 in Paris: the list and the ROR are read, the attachment proposed and answered. */
  read: '2026-03-10T08:00:00.000Z',
  /** 28/03/2026 at 23:30 in Paris, an hour and a half before the clocks change. */
  approved: '2026-03-28T22:30:00.000Z',
  /** 29/03/2026 at 23:30 in Paris, in summer time since that morning. */
  sent: '2026-03-29T21:30:00.000Z',
  /** 16/06/2026 at 00:30 in Paris, still the 15th in UTC. */
  changed: '2026-06-15T22:30:00.000Z',
  /** 25/10/2026 at 23:30 in Paris, in winter time since that morning: the day has 25 hours. */
  gone: '2026-10-25T22:30:00.000Z',
} as const;

/** Who approves, in the place of Dominique. */
export const DEPUTY = 'Suppléante d’essai';

/** A text that the hospital types later. */
export const TYPED_BY_HOSPITAL = 'Accueil d’essai <script>alert(1)</script> au bâtiment B';

/** An offer that is read, proposed, approved, sent, read again, changed by its hospital, and then no longer there. */
export async function pastRegion(): Promise<PastRegion> {
  const clock = new TestClock(Date.parse(INSTANTS.read));
  const to = (instant: string): void => clock.advance(Date.parse(instant) - clock.now().getTime());
  const region = await approvedRegion({ creates: 0, attaches: 1, clock, until: 'proposed' });
  const { database } = region;
  // The database counts rights by its own clock, which is long after these dates.
  await database.owner('person_grant').update({ confirmed_at: new Date() });
  const [change] = await openChanges(database.app, '28');
  if (change?.state !== 'proposed') throw new Error('nothing is proposed');

  to(INSTANTS.approved);
  const at = clock.now();
  await addAgreement(database.app, '28', {
    changeId: change.id,
    hash: change.hash,
    verdict: 'agree',
    givenBy: 'référent ROR, Hôpital d’essai',
    channel: 'meeting',
    givenOn: '2026-03-12',
    document: { name: null, sha256: null, reference: 'compte rendu d’essai, point 4' },
    reason: null,
    recordedBy: region.author.id,
    recordedAt: at,
  });
  const context = { db: database.app, region: '28', review: region.config.review };
  const deputy = await deputyOf(region, at);
  await approve({ ...context, person: deputy, now: at }, change);

  to(INSTANTS.sent);
  const [receipt] = await region.apply();
  if (receipt?.result !== 'applied') throw new Error(`not applied: ${JSON.stringify(receipt)}`);

  to(INSTANTS.changed);
  region.sandbox.edit('HealthcareService', 'essai-1', (body: Body) => {
    body['comment'] = `${String(body['comment'])}\n${TYPED_BY_HOSPITAL}`;
    // The level of expertise, which filror had written.
    body['characteristic'] = (body['characteristic'] as Body[]).filter(
      (each) => !JSON.stringify(each).includes('TRE_R344'),
    );
  });
  await sync(region.run(null), { replaced: new Map() }, 'real');

  to(INSTANTS.gone);
  region.sandbox.remove('HealthcareService', 'essai-1');
  await sync(region.run(null), { replaced: new Map() }, 'real');
  return {
    ...region,
    clock,
    offer: '28/ESSAI-0001',
    centre: change.centres[0] ?? '',
    change: change.id,
  };
}

/** Somebody without a right of their own, for that day. */
async function deputyOf({ database, approver }: ApprovedRegion, at: Date): Promise<Actor> {
  const subject = 'suppleante-d-essai';
  const id = await identifyPerson(database.app, {
    issuer: 'https://emetteur.invalid',
    subject,
    displayName: DEPUTY,
  });
  await database.owner('person_grant').insert({
    person: id,
    role: 'reviewer',
    region: '28',
    on_behalf_of: approver.id,
    valid_from: new Date(at.getTime() - 3_600_000),
    valid_until: new Date(at.getTime() + 3_600_000),
    granted_at: at,
    confirmed_at: new Date(),
  });
  return { id, displayName: DEPUTY };
}
