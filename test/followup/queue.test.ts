import { offerOfTarget } from '../../src/domain/change.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRequest } from '../../src/apply/request.js';
import { changesInStates, type StoredChange } from '../../src/db/changes.js';
import type { JsonObject } from '../../src/domain/json.js';
import { parisDay } from '../../src/domain/time.js';
import { assign, refuse, remind } from '../../src/followup/keep.js';
import { queueOf, type QueueItem } from '../../src/followup/queue.js';
import { head } from '../../src/journal/head.js';
import { verify } from '../../src/journal/verify.js';
import { CodeBook } from '../../src/ror/codes.js';
import { refreshMirror } from '../../src/runs/mirror.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { sync } from '../../src/runs/sync.js';
import { approvedTemplate, copyOfRegion, type ApprovedRegion } from '../support/approved-region.js';
import { rawFhir } from '../support/raw-fhir.js';
import { runFilror } from '../support/built.js';

/** A region that writes nothing by itself: one attachment and one creation are handed over. */
const COMMON = { creates: 1, attaches: 1, ways: ['sheet', 'task'] } as const;
const DAY_MS = 86_400_000;

let template: Awaited<ReturnType<typeof approvedTemplate>>;
let region: ApprovedRegion;
let creation: StoredChange;
let attachment: StoredChange;

beforeAll(async () => {
  template = await approvedTemplate(COMMON);
});
afterAll(() => template.drop());
beforeEach(async () => {
  region = await copyOfRegion(template.name, COMMON);
  expect((await region.apply()).map(({ result, way }) => [result, way])).toEqual([
    ['transmitted', 'sheet'],
    ['transmitted', 'sheet'],
  ]);
  const open = await changesInStates(region.database.app, '28', ['transmitted']);
  creation = open.find((change) => change.kind === 'create') as StoredChange;
  attachment = open.find((change) => change.kind === 'attach') as StoredChange;
});
afterEach(() => region.close());

/** A run at an instant that may be later than now. */
const syncAt = (at = new Date()): Promise<SyncOutput> =>
  sync({ ...region.run(null), now: () => at }, { replaced: new Map() }, 'real');
const later = (days: number): Date => new Date(Date.now() + days * DAY_MS);
const queue = (now = new Date()): Promise<QueueItem[]> =>
  queueOf(region.database.app, region.region, region.config.followup, now);
const person = (now = new Date()) => ({
  db: region.database.app,
  region: region.region,
  review: region.config.review,
  person: region.author,
  now,
});

async function stateOf(change: StoredChange): Promise<string> {
  const row = (await region.database.app('change').where({ id: change.id }).first('state')) as {
    state: string;
  };
  return row.state;
}

type Edited = Record<string, unknown> & { characteristic: JsonObject[]; comment?: string };

function type(edit: (body: Edited) => void): void {
  region.sandbox.edit('HealthcareService', 'essai-1', (body) => edit(body as unknown as Edited));
}

/** Types on the attached offer everything that the sheet asks for. */
function typeAll(): void {
  type((body) => {
    for (const { key, after } of attachment.elements) {
      if (key.startsWith('characteristic'))
        body.characteristic = [...body.characteristic, after as JsonObject];
      if (key.startsWith('comment[')) body.comment = `${body.comment ?? ''}\n${String(after)}`;
    }
  });
}

/** The whole offer of the creation's sheet, typed by somebody else than filror. */
async function typeCreation(
  change: (body: Record<string, unknown>) => void = () => undefined,
): Promise<string> {
  const codes = new CodeBook(region.config.codes);
  const { body } = createRequest(creation, region.region, codes, null, creation.openedAt);
  const typed = JSON.parse(body) as Record<string, unknown>;
  change(typed);
  const answer = await (
    await rawFhir(region.sandbox)
  )('POST', 'HealthcareService', {
    ...typed,
    identifier: [
      {
        type: {
          coding: [
            {
              system:
                'https://mos.esante.gouv.fr/NOS/TRE_R355-TypeIdentifiantAutre/FHIR/TRE-R355-TypeIdentifiantAutre',
              code: '35',
            },
          ],
        },
        value: '28/ESSAI-MAIN',
      },
    ],
  });
  expect(answer.status, answer.text).toBe(201);
  return String(answer.json['identifier']?.[0]?.['value']);
}

describe('an offer typed by hand from a sheet', () => {
  it('is recognised by the id in its comment, and is ours from then on', async () => {
    const identifier = await typeCreation();
    const output = await syncAt();
    expect(output.followed).toMatchObject([{ change: creation.id, end: 'seen', offer: identifier }]);
    expect(await stateOf(creation)).toBe('applied');
    expect(await region.database.app('offer').where({ identifier })).toMatchObject([{ created_by_us: true }]);
    expect(output.changes.map(({ id, state }) => [id, state])).toEqual([[attachment.id, 'transmitted']]);
    expect(region.sandbox.writes().map(({ method }) => method)).toEqual(['POST']);
    expect((await syncAt()).unchanged).toBe(true);
  });

  it('is waited for while a part of it is missing, and nothing else is proposed for its centre', async () => {
    await typeCreation((body) => {
      delete body['location'];
    });
    const output = await syncAt();
    expect(output.followed).toEqual([]);
    expect(output.changes.map(({ id }) => id).sort()).toEqual([attachment.id, creation.id].sort());
    expect(output.changes.map(({ state }) => state)).toEqual(['transmitted', 'transmitted']);
  });

  it('is told with three columns when it says something else, and what was typed right is ours', async () => {
    const identifier = await typeCreation((body) => {
      body['name'] = 'Centre d’essai au nom abrégé';
    });
    const output = await syncAt();
    expect(output.followed).toMatchObject([{ change: creation.id, end: 'differs', offer: identifier }]);
    expect(await stateOf(creation)).not.toBe('transmitted');
    const item = (await queue()).find(({ step }) => step === 'differs');
    const asked = creation.elements.find(({ key }) => key === 'name')?.after;
    expect(item?.columns).toEqual([
      { key: 'name', before: null, asked, now: 'Centre d’essai au nom abrégé' },
    ]);
    const base = (await region.database
      .app('applied_element')
      .where({ identifier })
      .pluck('key')) as string[];
    expect(base).toContain('specialty[operationalActivity]');
    expect(base).not.toContain('name');
    const kinds = (await region.database.app('journal').pluck('kind')) as string[];
    expect(kinds).toContain('followup.differs');
  });

  it('typed as asked under another label of the same code is seen, and not proposed again', async () => {
    typeAll();
    type((body) => {
      body.characteristic = body.characteristic.map((each) => {
        const [coding] = each['coding'] as JsonObject[];
        return { ...each, coding: [{ ...coding, display: 'Libellé de l’hôpital' }] };
      });
    });
    const output = await syncAt();
    expect(output.followed).toMatchObject([{ change: attachment.id, end: 'seen' }]);
    const again = await syncAt();
    const offers = again.changes.map(({ offer }) => offer);
    expect(offers).not.toContain(offerOfTarget(attachment.target));
    expect(again.alerts.filter(({ message }) => message.includes('ESSAI-0001'))).toEqual([]);
  });

  it('typed twice is a question, never one of the two by chance', async () => {
    await typeCreation();
    const [body] = region.sandbox
      .list('HealthcareService')
      .filter((each) => JSON.stringify(each).includes(creation.centres[0] ?? ''));
    expect(body).toBeDefined();
    const second = { ...(JSON.parse(JSON.stringify(body)) as JsonObject) };
    const answer = await (
      await rawFhir(region.sandbox)
    )('POST', 'HealthcareService', {
      ...second,
      identifier: [{ ...(second['identifier'] as JsonObject[])[0], value: '28/ESSAI-BIS' }],
      id: undefined,
    });
    expect(answer.status, answer.text).toBe(201);
    const output = await syncAt();
    expect(output.followed).toMatchObject([{ change: creation.id, end: 'differs', offer: null }]);
    expect(output.changes.find(({ kind }) => kind === 'create')?.state).toBe('question');
  });
});

describe('an offer that exists, completed by hand', () => {
  it('is seen by a refresh of the mirror alone; the next run plans again and proposes nothing of it', async () => {
    typeAll();
    expect((await refreshMirror(region.run(null), 'auto', 'refuse')).followed).toMatchObject([
      { change: attachment.id, end: 'seen' },
    ]);
    const output = await syncAt();
    expect(output.unchanged).toBe(false);
    expect(output.changes.map(({ id }) => id)).toEqual([creation.id]);
  });

  it('with another level than the one asked differs, though the level asked stands nowhere', async () => {
    type((body) => {
      const asked = attachment.elements.find(({ key }) => key.startsWith('characteristic[expertiseLevel]'));
      const text = JSON.stringify(asked?.after).replace('"11"', '"10"');
      body.characteristic = [...body.characteristic, JSON.parse(text) as JsonObject];
    });
    const output = await syncAt();
    expect(output.followed).toMatchObject([{ change: attachment.id, end: 'differs' }]);
    const item = (await queue()).find(({ step }) => step === 'differs');
    expect((item?.columns as { key: string }[]).map(({ key }) => key)).toEqual([
      'characteristic[expertiseLevel]#10',
    ]);
  });

  it('tells nothing of what others changed beside it', async () => {
    type((body) => {
      body.comment = 'Autre accueil, dit par l’hôpital.';
    });
    expect((await syncAt()).followed).toEqual([]);
    expect(await stateOf(attachment)).toBe('transmitted');
  });
});

describe('what is never seen', () => {
  it('is to be reminded of after 14 days, and again 14 days after the reminder', async () => {
    expect((await queue(later(13))).map(({ reminderDue }) => reminderDue)).toEqual([false, false]);
    expect((await queue(later(15))).map(({ reminderDue }) => reminderDue)).toEqual([true, true]);
    await remind(person(later(15)), [attachment]);
    const items = await queue(later(16));
    const of = (change: StoredChange) => items.find((item) => item.change.id === change.id);
    expect([of(attachment)?.reminderDue, of(attachment)?.reminders]).toEqual([false, 1]);
    expect([of(creation)?.reminderDue, of(creation)?.reminders]).toEqual([true, 0]);
    expect((await queue(later(30))).map(({ reminderDue }) => reminderDue)).toEqual([true, true]);
  });

  it('expires after 60 days, and is proposed again to people', async () => {
    expect((await syncAt(later(59))).followed).toEqual([]);
    const output = await syncAt(later(61));
    expect(output.followed.map(({ end }) => end)).toEqual(['expired', 'expired']);
    expect(output.changes.map(({ state }) => state)).toEqual(['proposed', 'proposed']);
    expect(output.changes.map(({ id }) => id)).not.toContain(attachment.id);
    expect(await stateOf(attachment)).toBe('expired');
    expect(output.changes.map(({ hash }) => hash).sort()).toEqual([attachment.hash, creation.hash].sort());
    expect(await region.apply()).toEqual([]);
  });

  it('and was refused is not proposed again, with who recorded it and why in the journal', async () => {
    await refuse(person(), [attachment], 'unité en cours de transfert');
    expect(await stateOf(attachment)).toBe('rejected');
    const output = await syncAt();
    expect(output.changes.map(({ id }) => id)).toEqual([creation.id]);
    const entry = (await region.database.app('journal').where({ kind: 'followup.refused' }).first()) as {
      actor: string;
      body: string;
    };
    expect(entry.actor).toBe(region.author.id);
    expect(JSON.parse(entry.body)).toMatchObject({
      reason: 'unité en cours de transfert',
      hash: attachment.hash,
    });
    await expect(refuse(person(), [attachment], 'encore')).rejects.toMatchObject({ code: 'NOT_QUEUED' });
    const { app } = region.database;
    expect((await verify(app, await head(app))).fault).toBeNull();
  });

  it('names who types it: a service, never an address', async () => {
    await assign(person(), [attachment], 'référent ROR, Hôpital d’essai');
    await assign(person(), [attachment], 'secrétariat médical, Hôpital d’essai');
    expect((await queue()).find(({ change }) => change.id === attachment.id)?.owner).toBe(
      'secrétariat médical, Hôpital d’essai',
    );
    await expect(assign(person(), [attachment], 'qui@hopital.example')).rejects.toMatchObject({
      code: 'TEXT_PERSONAL',
    });
  });
});

describe('the database', () => {
  it('hands a change over once, and ends its wait once', async () => {
    const { app } = region.database;
    const event = { region: '28', change_id: attachment.id, hash: attachment.hash, at: new Date() };
    const [first] = (await app('followup_event').where({ change_id: attachment.id }).select('attempt')) as {
      attempt: string;
    }[];
    await expect(
      app('followup_event').insert({
        ...event,
        kind: 'transmitted',
        expires_at: new Date(),
        attempt: first?.attempt,
      }),
    ).rejects.toThrow(/followup_transmitted_once/);
    await app('followup_event').insert({ ...event, kind: 'seen' });
    await expect(app('followup_event').insert({ ...event, kind: 'expired' })).rejects.toThrow(
      /followup_ended_once/,
    );
    await expect(
      app('followup_event').insert({ ...event, hash: 'f'.repeat(64), kind: 'reminded' }),
    ).rejects.toThrow(/foreign key/);
    await expect(app('followup_event').update({ reason: 'x' })).rejects.toThrow(/permission denied/);
  });

  it('keeps the request of what was handed over, approved like a write', async () => {
    const rows = (await region.database.app('apply_attempt').orderBy('no')) as {
      way: string;
      state: string;
    }[];
    expect(rows.map(({ way, state }) => [way, state])).toEqual([
      ['sheet', 'done'],
      ['sheet', 'done'],
    ]);
  });
});

describe('filror queue', () => {
  it('lists, assigns, reminds by trial, prints again and refuses', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'filror-fiches-'));
    const filror = (...args: string[]) =>
      runFilror(['queue', ...args, '--region', '28', '--as', 'camille'], region.env);
    const listed = await filror('list', '--output', 'json');
    expect([listed.code, listed.stderr]).toEqual([2, '']);
    const items = JSON.parse(listed.stdout) as { step: string; hash: string; ageDays: number }[];
    expect(items.map(({ step, ageDays }) => [step, ageDays])).toEqual([
      ['transmitted', 0],
      ['transmitted', 0],
    ]);
    const assigned = await filror('assign', attachment.id, '--to', 'référent ROR, Hôpital d’essai');
    expect(assigned.stdout).toBe(`Confié : ${attachment.id}, référent ROR, Hôpital d’essai.\n`);
    const today = parisDay(new Date());
    const end = (await queue()).find(({ change }) => change.id === attachment.id)?.expiresAt ?? new Date(0);
    const shown = await runFilror(['show', attachment.id, '--region', '28'], region.env);
    expect(shown.stdout).toContain(
      [
        'Saisie dans le ROR : transmis',
        `  ${today} transmis : à saisir avant le ${parisDay(end)}`,
        `  ${today} confié : à référent ROR, Hôpital d’essai`,
        `  référent ROR, Hôpital d’essai · depuis 0 jour(s) · à saisir avant le ${parisDay(end)} · relance le `,
      ].join('\n'),
    );
    const trial = await filror('remind', attachment.id, '--dry-run');
    expect(trial.stdout).toMatch(/^À référent ROR, Hôpital d’essai : la fiche .*Essai à blanc/s);
    expect(await region.database.app('followup_event').where({ kind: 'reminded' })).toEqual([]);
    const printed = await filror('sheet', attachment.id, '--out', folder);
    expect(printed.code, printed.stderr).toBe(0);
    const page = readFileSync(join(folder, `fiche-28-${attachment.id}.html`), 'utf8');
    expect(page).toContain('référent ROR, Hôpital d’essai');
    typeAll();
    const followed = await filror('follow');
    expect(followed.stdout).toMatch(new RegExp(`^= ${attachment.id} vu : saisie constatée`));
    const refused = await filror('refuse', creation.id, '--reason', 'unité fermée');
    expect(refused.stdout).toMatch(new RegExp(`^Refusé : ${creation.id}\\.`));
    const text = await filror('list');
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/à saisir dans le ROR : 1 vu, 1 refusé\./);
    rmSync(folder, { recursive: true });
  });
});
