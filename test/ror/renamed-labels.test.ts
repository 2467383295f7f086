import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { renamedLabels } from '../../src/ror/renamed-labels.js';

const SYSTEM = 'urn:essai:nomenclature';
const concept = (display: string | null, code = '11'): Json => ({
  coding: [{ system: SYSTEM, code, ...(display === null ? {} : { display }) }],
});
const found = (sent: string | null, remote: string | null, desired: string): string[] =>
  renamedLabels({ sent: concept(sent), remote: concept(remote), desired: concept(desired) }).map(
    ({ code, was, now }) => `${code} : ${was} → ${now}`,
  );

describe('a label that the nomenclature changed', () => {
  it('is news where the repository still shows what we sent', () => {
    expect(found('Ancien nom', 'Ancien nom', 'Nouveau nom')).toEqual(['11 : Ancien nom → Nouveau nom']);
    expect(found('Ancien nom', 'ANCIEN  NOM', 'Nouveau nom')).toEqual(['11 : Ancien nom → Nouveau nom']);
  });

  it('is none where only its typography moved, or the repository has labels of its own, or none', () => {
    expect(found('L’accueil', 'L’accueil', "l'ACCUEIL")).toEqual([]);
    expect(found('Ancien nom', 'Libellé du serveur', 'Nouveau nom')).toEqual([]);
    expect(found('Ancien nom', null, 'Nouveau nom')).toEqual([]);
    expect(found(null, 'Ancien nom', 'Nouveau nom')).toEqual([]);
  });

  it('is looked for in every coding inside a value, each by its own code', () => {
    const nested = (display: string): Json => ({
      extension: [
        { valueCodeableConcept: concept(display, '07') },
        { valueCodeableConcept: concept('Même', '01') },
      ],
    });
    const labels = renamedLabels({
      sent: nested('Avant'),
      remote: nested('Avant'),
      desired: nested('Après'),
    });
    expect(labels).toEqual([{ code: '07', was: 'Avant', now: 'Après' }]);
  });
});
