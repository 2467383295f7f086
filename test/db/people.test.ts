import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { displayNames } from '../../src/db/people.js';
import { erasePerson, identifyPerson } from '../../src/db/person.js';
import { inTransaction } from '../../src/db/types.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const person = (subject: string, displayName: string | null) =>
  identifyPerson(database.app, { issuer: 'https://emetteur.invalid', subject, displayName });

describe('the name of a person', () => {
  it('is the issuer’s, else the subject: only somebody who was erased is said to be', async () => {
    const named = await person('essai-1', 'Personne d’essai');
    const nameless = await person('essai-2', null);
    const erased = await person('essai-3', 'Personne oubliée');
    await inTransaction(database.owner, (trx) => erasePerson(trx, erased, new Date('2026-11-01T08:00:00Z')));
    const names = await displayNames(database.app, [named, nameless, erased]);
    expect(names.get(named)).toBe('Personne d’essai');
    expect(names.get(nameless)).toBe('essai-2');
    expect(names.get(erased)).toBe('personne effacée');
  });
});
