import { describe, expect, it } from 'vitest';
import { keptFileName, keptText } from '../../src/domain/plain-words.js';

describe('the name of a file, as it is kept for ever', () => {
  it.each([
    ['liste.xlsx', 'liste.xlsx'],
    ['../../etc/li\u202Este.csv', 'liste.csv'],
    ['C:\\Documents\\centres 2026.XLSX', 'centres 2026.XLSX'],
    ['liste prenom.nom@hopital.example.csv', 'liste ….csv'],
    ['prenom.nom@hopital.fr', '….fr'],
    ['centres_02 31 00 00 00.xlsx', 'centres_….xlsx'],
    ['centres 0231000000 v2.xlsx', 'centres … v2.xlsx'],
    // Numbers that are no telephone: a date, a FINESS number.
    ['t-finess-20260309.csv', 't-finess-20260309.csv'],
    ['760000158.csv', '760000158.csv'],
    ['  ', 'fichier sans nom'],
  ])('%j is %j', (name, kept) => {
    expect(keptFileName(name)).toBe(kept);
  });

  it('is not longer than 200 characters, and keeps its ending', () => {
    const kept = keptFileName(`${'a'.repeat(500)}.xlsx`);
    expect([kept.length, kept.slice(-6)]).toEqual([200, 'a.xlsx']);
  });
});

describe('a text that is kept for ever', () => {
  it.each(['voir prenom.nom@hopital.example', 'appeler le 02 31 00 00 00', 'rappel : +33 2 31 00 00 00'])(
    'holds no coordinates: %j',
    (text) => {
      expect(() => keptText(text, '--reason', 'la raison')).toThrow(/gardé pour toujours/);
    },
  );
});
