import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import { trialList } from '../support/region-run.js';
import { openWebWorld, type Shown, type Visitor, type WebWorld } from '../support/web-world.js';

/** A signed PDF comes with the answer of an establishment, is kept byte for byte, and given back as a file only. */
const PDF = Buffer.from('%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n');
const SHA = createHash('sha256').update(PDF).digest('hex');

let web: WebWorld;
let operator: Visitor;
let change: StoredChange;
beforeAll(async () => {
  web = await openWebWorld({ list: trialList([{ number: 1 }]), agreement: 'asked' });
  await web.sync();
  [change] = (await web.open()) as [StoredChange];
  operator = await web.visitor(['operator']);
});
afterAll(() => web.close());

const TOLD = { par: 'référent ROR, Hôpital d’essai', voie: 'letter', jour: '2026-03-12' };

/** The form as a browser sends it when a file was chosen. */
async function answered(bytes: Buffer, name: string): Promise<Shown> {
  const form = new FormData();
  for (const [field, value] of Object.entries({ _jeton: operator.csrf, empreinte: change.hash, ...TOLD }))
    form.set(field, value);
  form.set('document', new Blob([new Uint8Array(bytes)], { type: 'application/pdf' }), name);
  return await operator.step(new URL(`/28/accords/${change.id}/accord`, web.url), {
    method: 'POST',
    body: form,
    headers: { origin: web.url, 'sec-fetch-site': 'same-origin' },
  });
}
const stored = (): Promise<{ document_name: string; document_sha256: string }[]> =>
  web.database.app('agreement').where({ change_id: change.id }).orderBy('no');

describe('the signed document of an agreement', () => {
  it.each([
    ['no PDF', Buffer.from('PK\u0003\u0004 un classeur'), 'n’est pas un PDF'],
    ['a PDF cut before its end', PDF.subarray(0, 30), 'est un PDF coupé avant sa fin'],
  ])('is refused when it is %s, and nothing is recorded', async (_, bytes, why) => {
    const { status, text } = await answered(bytes, 'accord.pdf');
    expect([status, text.includes(why)]).toEqual([400, true]);
    expect(await stored()).toEqual([]);
  });

  it('is refused above 5 Mio, and nothing is recorded', async () => {
    const large = Buffer.concat([PDF, Buffer.alloc(5 * 1024 ** 2), PDF]);
    const { status, text } = await answered(large, 'accord.pdf');
    expect([status, text.includes('dépasse 5 Mio')]).toEqual([413, true]);
    expect(await stored()).toEqual([]);
  });

  it('is kept byte for byte under a name that is nobody’s, and given back as a file', async () => {
    expect((await answered(PDF, 'accord signé par quelqu’un.pdf')).status).toBe(303);
    expect(await stored()).toMatchObject([
      { document_name: `accord-${SHA.slice(0, 8)}.pdf`, document_sha256: SHA },
    ]);
    const at = `/28/accords/${change.id}`;
    expect((await operator.get(at)).text).toContain(`href="${at}/document"`);
    const given = await fetch(new URL(`${at}/document`, web.url), {
      headers: { cookie: `filror=${operator.cookies.get('filror') ?? ''}` },
    });
    expect(given.headers.get('content-type')).toBe('application/octet-stream');
    expect(given.headers.get('content-disposition')).toContain('attachment');
    expect(Buffer.from(await given.arrayBuffer())).toEqual(PDF);
  });

  it('can be erased by who owns the database, never by the application: the agreement still cites it', async () => {
    await expect(web.database.app('agreement_document').del()).rejects.toThrow(/permission denied/);
    await web.database.owner('agreement_document').del();
    const { status, text } = await operator.get(`/28/accords/${change.id}/document`);
    expect([status, text.includes('Aucun document signé n’est gardé ici')]).toEqual([404, true]);
    expect((await operator.get(`/28/accords/${change.id}`)).text).toContain(`accord-${SHA.slice(0, 8)}.pdf`);
  });
});
