import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { erasePerson } from '../../src/db/person.js';
import { head } from '../../src/journal/head.js';
import { verify } from '../../src/journal/verify.js';
import { RorClient } from '../../src/ror/client.js';
import { elementsOf } from '../../src/ror/elements.js';
import { answer } from '../../src/runs/act.js';
import { withNames } from '../../src/runs/attribution.js';
import { sync } from '../../src/runs/sync.js';
import { approveAll, TRIAL_SECRET, type ApprovedRegion } from '../support/approved-region.js';
import { eachOnACopy } from '../support/copies.js';
import { startLocalServer, type LocalServer } from '../support/local-server.js';
import { asJson, identifierOf } from '../support/repository-truth.js';
import { runFilror } from '../support/built.js';

const COMMON = { creates: 3, attaches: 2 };

let region: ApprovedRegion;

eachOnACopy(COMMON, (copy) => void (region = copy));

interface Entry {
  readonly subject: string;
  readonly actor: string | null;
  readonly body: string;
}

interface Diff {
  readonly change: string;
  readonly hash: string;
  readonly elements: readonly {
    readonly key: string;
    readonly before: unknown;
    readonly sent: unknown;
    readonly readBack: unknown;
    readonly channel: string;
  }[];
}

async function entries(kind: string): Promise<Entry[]> {
  return await region.database
    .app('journal')
    .where({ kind })
    .orderBy('no')
    .select('subject', 'actor', 'body');
}

describe('the journal of a whole walk', () => {
  it('holds one entry for each applied change, with before, sent and read back', async () => {
    await region.apply();
    const changes = await region.changes();
    const told = (await entries('apply')).map(({ subject, actor, body }) => ({
      subject,
      actor,
      diff: JSON.parse(body) as Diff,
    }));
    expect(told.map(({ diff }) => diff.change).sort()).toEqual(changes.map(({ id }) => id).sort());
    for (const { subject, actor, diff } of told) {
      const change = changes.find(({ id }) => id === diff.change);
      expect(change?.state).toBe('applied');
      expect(diff.hash).toBe(change?.hash);
      expect(actor).toBe(region.approver.id);
      const stands = offerNow(subject.slice('offer:'.length));
      expect(diff.elements.map(({ key }) => key)).toEqual(change?.elements.map(({ key }) => key));
      for (const element of diff.elements) {
        const shown = change?.elements.find(({ key }) => key === element.key);
        expect(element.before).toEqual(shown?.before ?? null);
        expect(element.sent).toEqual(shown?.after ?? null);
        const now = element.channel === 'served' ? null : stands.get(element.key)?.value;
        expect(element.readBack).toEqual(now);
      }
    }
  });

  it('grows by one entry with each further change, and verifies against its exported head', async () => {
    await region.apply();
    const exported = await head(region.database.app);
    const creation = (await region.changes()).find((change) => change.kind === 'create');
    const subject = creation?.centres[0] ?? '';
    const body = { field: 'public', value: 'adulte' };
    await answer(region.run(region.author), [{ kind: 'complete', subject, body }]);
    await approveAll(region, region.approver);
    await region.apply();
    const [last, ...others] = (await entries('apply')).slice(COMMON.creates + COMMON.attaches);
    expect(others).toEqual([]);
    const { elements } = JSON.parse(last?.body ?? '') as Diff;
    expect(elements.filter(({ channel }) => channel === 'ror').map(({ key }) => key)).toEqual([
      'extension[patient-type].ageRange',
    ]);
    expect(elements[0]?.before).not.toEqual(elements[0]?.readBack);
    expect((await verify(region.database.app, exported)).fault).toBeNull();
  });

  it('says of an approved change that nothing is left to do afterwards', async () => {
    await region.apply();
    const output = await sync(region.run(null), { replaced: new Map() }, 'real');
    expect(output.plan.summary).toContain('Aucun changement');
    const { writes } = region.sandbox;
    const before = writes().length;
    expect(await region.apply()).toEqual([]);
    expect(writes()).toHaveLength(before);
  });
});

function offerNow(identifier: string): ReturnType<typeof elementsOf> {
  const offers = region.sandbox.list('HealthcareService').map(asJson);
  const [offer, ...others] = offers.filter((each) => identifierOf(each) === identifier);
  if (offer === undefined || others.length > 0) throw new Error(`not one offer ${identifier}`);
  return elementsOf(offer);
}

const MAIL = 'jeanne.essai@hopital-essai.fr';
const JWT = /eyJ[\w-]+\.[\w-]+/;

/** A server in front of the sandbox that answers every write by quoting the token, the secret and an address. */
async function indiscreetServer(status: number): Promise<LocalServer> {
  return await startLocalServer((request, response, body) => {
    const { authorization = '' } = request.headers;
    if (request.method !== 'GET' && request.url?.startsWith('/fhir/') === true) {
      const diagnostics = `Refus de ${authorization}, client_secret=${TRIAL_SECRET} ; écrire à ${MAIL}`;
      const outcome = {
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error', code: 'x', diagnostics }],
      };
      response.writeHead(status, { 'Content-Type': 'application/fhir+json' }).end(JSON.stringify(outcome));
      return;
    }
    const headers = Object.entries(request.headers).filter(
      ([name]) => name !== 'host' && name !== 'connection',
    );
    void fetch(`${region.sandbox.url}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
      ...(request.method === 'GET' ? {} : { body }),
    }).then(async (answered) => {
      response.writeHead(answered.status, { 'Content-Type': 'application/json' });
      response.end(await answered.text());
    });
  });
}

async function everythingKept(): Promise<string> {
  const { app } = region.database;
  const rows = await Promise.all(
    ['journal', 'apply_attempt', 'change', 'run', 'applied_element', 'answer'].map(
      async (table) => (await app(table)) as JsonObject[],
    ),
  );
  return JSON.stringify(rows);
}

function expectDiscreet(text: string): void {
  expect(text).not.toMatch(JWT);
  expect(text).not.toMatch(/Bearer (?!\*)/);
  expect(text).not.toContain(TRIAL_SECRET);
  expect(text).not.toContain(MAIL);
}

describe('no token, secret nor address of a person', () => {
  it.each([
    ['a refusal', 422],
    ['an outcome that nobody knows', 500],
  ])(
    'leaves the server’s text with %s for the journal, the attempts or the receipts',
    async (_what, status) => {
      const server = await indiscreetServer(status);
      try {
        const { repository } = region.region;
        const client = new RorClient(
          { repository: { ...repository, baseUrl: `${server.url}/fhir` } },
          { env: region.env },
        );
        const receipts = await region.apply({ client });
        client.close();
        expect(receipts).toHaveLength(COMMON.creates + COMMON.attaches);
        const said = JSON.stringify(receipts);
        expect(said).toContain('***');
        expectDiscreet(said);
        const kept = await everythingKept();
        expect(kept).toContain('***');
        expectDiscreet(kept);
      } finally {
        await server.close();
      }
    },
  );

  it('comes out of the command, whether it succeeds or fails', async () => {
    region.sandbox.faults.next('create', { kind: 'unauthorized' }, 4);
    region.sandbox.faults.next('patch', { kind: 'error', status: 500, when: 'after' });
    const args = ['apply', '--region', '28', '--as', 'dominique'];
    const first = await runFilror(args, region.env);
    expect(first.code).toBe(2);
    expect(first.stdout).toMatch(/refusé|incertain/);
    const away = await runFilror(args, { ...region.env, FILROR_ROR_SECRET: `${TRIAL_SECRET}-faux` });
    expect(away.code).toBe(2);
    for (const { stdout, stderr } of [first, away]) {
      expectDiscreet(stdout);
      expectDiscreet(stderr);
    }
    expectDiscreet(await everythingKept());
  });
});

describe('the name of a person', () => {
  /** Every value of every table, as text, `person` aside. */
  async function storedText(): Promise<string> {
    const { owner } = region.database;
    const { rows } = await owner.raw<{ rows: { name: string }[] }>(
      `select format('%I', table_name) as name from information_schema.tables
       where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name <> 'person'`,
    );
    expect(rows.length).toBeGreaterThan(20);
    const texts = await Promise.all(
      rows.map(async ({ name }) => {
        const sql = `select coalesce(string_agg(t::text, chr(10)), '') as text from ${name} t`;
        return (await owner.raw<{ rows: { text: string }[] }>(sql)).rows[0]?.text ?? '';
      }),
    );
    return texts.join('\n');
  }

  it('is in no table but its own after answers, approvals, writes and a declared withdrawal', async () => {
    await region.apply();
    const creation = (await region.changes()).find((change) => change.kind === 'create');
    const subject = creation?.centres[0] ?? '';
    await answer(region.run(region.author), [
      { kind: 'complete', subject, body: { field: 'public', value: 'adulte' } },
    ]);
    const body = { proof: 'courrier d’essai', date: '2026-03-02' };
    await answer(region.run(region.second), [{ kind: 'withdraw', subject, body }]);
    const names = (await region.database.app('person').pluck('display_name')) as string[];
    expect(names).toEqual(expect.arrayContaining([region.author.displayName, region.second.displayName]));
    const stored = await storedText();
    expect(stored).toContain(region.author.id);
    for (const name of names) expect(stored).not.toContain(name);
  });

  it('is shown beside the value that rests on it, until it is erased', async () => {
    const { app } = region.database;
    const [creation] = (await region.changes()).filter((change) => change.kind === 'create');
    const body = { field: 'public', value: 'pédiatrique' };
    const subject = creation?.centres[0] ?? '';
    const { changes: completed } = await answer(region.run(region.author), [
      { kind: 'complete', subject, body },
    ]);
    const origins = async (): Promise<Set<string>> =>
      new Set(
        (await withNames(app, completed)).flatMap((change) =>
          change.elements.flatMap((element) =>
            element.provenance.filter(({ kind }) => kind === 'decision').map(({ origin }) => origin),
          ),
        ),
      );
    expect(await origins()).toEqual(new Set([region.author.displayName]));
    await app.transaction((trx) => erasePerson(trx, region.author.id, new Date('2026-03-02T08:00:00Z')));
    expect(await origins()).toEqual(new Set(['personne effacée']));
  });
});
