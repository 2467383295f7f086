import type { StoredChange } from '../../src/db/changes.js';
import type { Actor } from '../../src/db/people.js';
import type { Db } from '../../src/db/types.js';

/*
 * Rows as the application role would write them, had it no code of ours in front: with their schema named, so that
 * nothing that a session prepares can turn them elsewhere.
 */

export function insertApproval(
  db: Db,
  change: Pick<StoredChange, 'id' | 'hash'>,
  person: Pick<Actor, 'id'>,
): Promise<unknown> {
  return db.withSchema('public').from('decision').insert({
    region: '28',
    change_id: change.id,
    hash: change.hash,
    verdict: 'approve',
    person: person.id,
    at: new Date(),
  });
}

export function insertAuthor(
  db: Db,
  change: Pick<StoredChange, 'id'>,
  person: Pick<Actor, 'id'>,
  why: string,
): Promise<unknown> {
  return db
    .withSchema('public')
    .from('change_author')
    .insert({ region: '28', change_id: change.id, person: person.id, why });
}

export function insertAttempt(
  db: Db,
  change: Pick<StoredChange, 'id' | 'hash' | 'target'>,
  way: 'post' | 'none' = 'post',
): Promise<unknown> {
  return db.withSchema('public').from('apply_attempt').insert({
    region: '28',
    change_id: change.id,
    hash: change.hash,
    target: change.target,
    way,
    request_path: 'HealthcareService',
    request_body: '{}',
    state: 'open',
    lease_until: new Date(),
  });
}
