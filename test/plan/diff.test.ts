import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { diffElements, diffOffers } from '../../src/plan/diff.js';
import { applyEdits, editResource } from '../../src/ror/edit.js';
import { elementsOf, offerHash } from '../../src/ror/elements.js';
import { assemble, cut } from '../../src/ror/pieces.js';
import { codes, offer } from '../ror/essai.js';
import { resources, scrambled } from '../ror/resources.js';

/** A failure is told within half a minute rather than shrunk for ten. */
const runs = { numRuns: 400, interruptAfterTimeLimit: 30_000 };

describe('cutting a resource', () => {
  it('loses nothing: the pieces put back give the same resource, order included', () => {
    fc.assert(
      fc.property(resources, (resource) => {
        expect(JSON.stringify(assemble(cut(resource), resource))).toBe(JSON.stringify(resource));
      }),
      runs,
    );
  });

  it('gives every piece a key of its own', () => {
    fc.assert(
      fc.property(resources, (resource) => {
        const pieces = cut(resource);
        expect(new Set(pieces.map((piece) => piece.key)).size).toBe(pieces.length);
      }),
      runs,
    );
  });

  it('does not see the order of arrays or keys', () => {
    fc.assert(
      fc.property(resources, (resource) => {
        const other = scrambled(resource) as JsonObject;
        expect(diffOffers(resource, other)).toEqual([]);
        expect(offerHash(other)).toBe(offerHash(resource));
      }),
      runs,
    );
  });

  it.each(['NFC', 'NFD'] as const)('does not see the Unicode form %s', (form) => {
    const base = offer({ title: 'Épidermolyses héréditaires', specificActs: ['1635', '0284'] });
    const other = scrambled(base, form) as JsonObject;
    expect(diffOffers(base, other)).toEqual([]);
    expect(offerHash(other)).toBe(offerHash(base));
  });

  it('leaves out what the server sets by itself', () => {
    const base = offer();
    const read = {
      ...base,
      id: '4711',
      meta: { ...(base['meta'] as JsonObject), versionId: '3', lastUpdated: '2026-11-22T00:00:00Z' },
    };
    expect(diffOffers(base, read)).toEqual([]);
    expect(offerHash(read)).toBe(offerHash(base));
  });
});

describe('diffOffers', () => {
  it('is empty between a resource and itself', () => {
    fc.assert(
      fc.property(resources, (resource) => {
        expect(diffOffers(resource, structuredClone(resource))).toEqual([]);
      }),
      runs,
    );
  });

  it('gives edits that turn one resource into the other', () => {
    fc.assert(
      fc.property(resources, resources, (a, b) => {
        const made = editResource(a, diffOffers(a, b));
        expect(diffOffers(made, b)).toEqual([]);
        expect(offerHash(made)).toBe(offerHash(b));
      }),
      runs,
    );
  });

  it('skips what is the same without missing or inventing an edit', () => {
    /** Another version of `a`: items dropped, doubled, shuffled, or taken from elsewhere. */
    const version = (a: JsonObject, other: JsonObject, choices: readonly number[]): JsonObject =>
      Object.fromEntries(
        Object.entries({ ...a, ...(choices[0] === 0 ? other : {}) }).map(([name, value]) => {
          if (!Array.isArray(value)) return [name, value];
          const items = (value as Json[]).flatMap((item, i) =>
            Array<Json>(choices[i % choices.length] ?? 1).fill(item),
          );
          const added = Array.isArray(other[name]) ? (other[name] as Json[]).slice(0, 1) : [];
          return [name, choices[1] === 0 ? [...items, ...added].reverse() : items];
        }),
      );
    const choices = fc.array(fc.constantFrom(0, 1, 1, 1, 2), { minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(resources, resources, choices, (a, other, chosen) => {
        const b = version(a, other, chosen);
        expect(diffOffers(a, b)).toEqual(diffElements(elementsOf(a), elementsOf(b)));
        expect(offerHash(editResource(a, diffOffers(a, b)))).toBe(offerHash(b));
      }),
      { ...runs, numRuns: 1500 },
    );
  });

  it('says one operation per true edit, whatever else moved place', () => {
    const before = offer({ specificActs: ['0284', '1635'] });
    const characteristic = before['characteristic'] as JsonObject[];
    const after: JsonObject = {
      ...before,
      name: 'Centre de compétence – Essai renommé',
      characteristic: [
        codes.concept('TRE_R245', '36'),
        ...characteristic.filter((each) => !JSON.stringify(each).includes('"0284"')).reverse(),
      ],
      comment: `Sur rendez-vous.\n${String(before['comment'])}`,
    };
    expect(diffOffers(before, after).map((each) => `${each.operation} ${each.key}`)).toEqual([
      'delete characteristic[specificAct]#0284',
      'add characteristic[takingCareSpeciality]#36',
      'add comment.text',
      'replace name',
    ]);
  });

  it('replaces a single-valued element when its code changes', () => {
    const before = offer();
    const after = { ...before, category: [codes.concept('TRE_R244', '09')] };
    expect(diffOffers(before, after)).toEqual([
      {
        key: 'category',
        path: 'HealthcareService.category',
        operation: 'replace',
        before: codes.concept('TRE_R244', '245'),
        after: codes.concept('TRE_R244', '09'),
      },
    ]);
  });

  it('pairs equal doubles before it calls anything a change', () => {
    const extension = (value: string): JsonObject => ({ url: 'https://essai.example/x', valueString: value });
    const a = { resourceType: 'HealthcareService', extension: [extension('b'), extension('c')] };
    const b = {
      resourceType: 'HealthcareService',
      extension: [extension('a'), extension('b'), extension('c')],
    };
    expect(diffOffers(a, b).map((each) => [each.operation, each.after])).toEqual([['add', extension('a')]]);
  });
});

describe('editing the text of a resource', () => {
  const body =
    '{\n  "resourceType": "HealthcareService",\n  "id": "7",\n  "name": "Essai",\n  "extension": [\n    {\n      "url": "https://essai.example/prix",\n      "valueDecimal": 49.20\n    }\n  ],\n  "comment": "Ouvert le mardi.  "\n}';

  it('keeps every number as it was written and everything it does not name', () => {
    const edited = applyEdits(body, [
      {
        key: 'name',
        path: 'HealthcareService.name',
        operation: 'replace',
        before: 'Essai',
        after: 'Essai 2',
      },
    ]);
    expect(edited).toBe(body.replace('"Essai"', '"Essai 2"'));
  });

  it('compares numbers by value', () => {
    const parsed = JSON.parse(body) as JsonObject;
    expect(elementsOf(parsed).get('extension[https://essai.example/prix]')?.value).toEqual({
      url: 'https://essai.example/prix',
      valueDecimal: 49.2,
    });
  });

  it('puts our block after the text of others, byte for byte, and takes it away again', () => {
    const block = '[Maladies rares | filière=FIMARAD | label=CCMR | id=cmr_essaiaaaaaaaaaaa]';
    const key = 'comment[cmr_essaiaaaaaaaaaaa]';
    const path = 'HealthcareService.comment';
    const withBlock = applyEdits(body, [{ key, path, operation: 'add', after: block }]);
    expect(withBlock).toBe(body.replace('mardi.  "', `mardi.  \\n${block}"`));
    expect(applyEdits(withBlock, [{ key, path, operation: 'delete', before: block }])).toBe(body);
  });

  it('touches nothing but its own elements when a centre is attached', () => {
    fc.assert(
      fc.property(resources, (resource) => {
        // An empty list is no FHIR: it disappears when it is filled.
        fc.pre(JSON.stringify(resource['characteristic']) !== '[]');
        const before = elementsOf(resource);
        const key = 'characteristic[takingCareSpeciality]#61';
        const made = editResource(resource, [
          {
            key,
            path: 'HealthcareService.characteristic',
            operation: 'add',
            after: codes.concept('TRE_R245', '61'),
          },
        ]);
        const after = elementsOf(made);
        expect(after.get(key)?.value).toEqual(codes.concept('TRE_R245', '61'));
        after.delete(key);
        expect([...after]).toEqual([...before]);
      }),
      runs,
    );
  });

  it('refuses to replace or delete what is not there, and to add what is', () => {
    const edit = (operation: 'add' | 'replace' | 'delete', key: string) => () =>
      applyEdits(body, [{ key, path: key, operation, after: 'x' }]);
    expect(edit('replace', 'active')).toThrow(expect.objectContaining({ code: 'ROR_EDIT_ABSENT' }));
    expect(edit('delete', 'active')).toThrow(expect.objectContaining({ code: 'ROR_EDIT_ABSENT' }));
    expect(edit('add', 'name')).toThrow(expect.objectContaining({ code: 'ROR_EDIT_PRESENT' }));
  });

  it('refuses text that is no JSON, no resource, or nests too deep, in French', () => {
    const refused = (text: string): unknown => {
      try {
        return applyEdits(text, []);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(refused('{')).toBe('ROR_BODY_SYNTAX');
    expect(refused('{"a":1,"a":2}')).toBe('ROR_BODY_SYNTAX');
    expect(refused('[]')).toBe('ROR_BODY_SHAPE');
    expect(refused('{"resourceType":"HealthcareService","__proto__":{}}')).toBe('ROR_BODY_SHAPE');
    expect(refused(`${'['.repeat(200_000)}`)).toBe('ROR_BODY_DEPTH');
  });
});
