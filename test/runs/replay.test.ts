import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/domain/json.js';
import { parseBody } from '../../src/ror/body.js';
import { CodeBook } from '../../src/ror/codes.js';
import { validateOffer } from '../../src/ror/validate.js';
import { refreshMirror } from '../../src/runs/mirror.js';
import { answer, type GivenAnswer } from '../../src/runs/act.js';
import { planResources } from '../../src/runs/export.js';
import { RefusalError } from '../../src/domain/errors.js';
import { demoFolder } from '../../src/demo/run.js';
import { regionRun, trialList, type RegionRun, type TrialRow } from '../support/region-run.js';
import { hasShared, rorValidator } from '../support/shared.js';
import { runFilror } from '../support/built.js';

/** Four centres to create, one that lacks its public, one whose site is CH de Dieppe with an offer already there. */
const FIRST: readonly TrialRow[] = [
  { number: 1, hospital: 'CH Falaise', town: 'Falaise' },
  { number: 2, hospital: 'CH de Coutances', town: 'Coutances', label: 'CRMR constitutif' },
  { number: 3, hospital: 'CH Argentan', town: 'Argentan', public: 'pédiatrique' },
  { number: 4, hospital: "CH de L'Aigle", town: "L'Aigle", public: 'adulte' },
  { number: 5, hospital: 'CH Lisieux', town: 'Lisieux', public: '' },
  { number: 6, hospital: 'CH de Dieppe', town: 'Dieppe', filiere: 'ORKiD' },
];

/** A label raised, a row gone, a public given, a row come (a list that shrinks by a tenth is refused, gate X15). */
const LATER: readonly TrialRow[] = [
  { ...FIRST[0]!, label: 'CRMR constitutif' },
  ...FIRST.slice(2, 4),
  { ...FIRST[4]!, public: 'adulte' },
  FIRST[5]!,
  { number: 7, hospital: 'CH Mémorial', town: 'Saint-Lô', filiere: 'FILNEMUS' },
];

describe('plan replay', () => {
  let run: RegionRun;
  const exported = new Map<string, readonly string[]>();

  beforeAll(async () => {
    run = await regionRun();
    const keep = async (): Promise<void> => {
      const { runId, lines } = await planResources(run.context.db, run.config, run.context.region, null);
      exported.set(runId, lines);
    };
    await run.sync({ 'labelled-centres': run.write('centres.csv', trialList(FIRST)) });
    await keep();
    const given: GivenAnswer[] = [];
    for (const change of await run.open()) {
      const subject = change.centres[0] ?? '';
      const offer = change.reasons.find((each) => each.code === 'attachOrCreate')?.candidates?.[0]?.value;
      if (offer !== undefined) given.push({ kind: 'attach', subject, body: { offer } });
    }
    await answer({ ...run.context, actor: run.camille }, given);
    await keep();
    await run.approveAll();
    await run.apply();
    await run.sync({ 'labelled-centres': run.write('plus-tard.csv', trialList(LATER)) });
    await keep();
    run.sandbox.remove('HealthcareService', 'essai-1');
    // A delta does not see that something is gone.
    await refreshMirror(run.context, 'full', 'refuse');
    await run.sync({ 'labelled-centres': join(run.folder, 'plus-tard.csv') });
    await keep();
  });
  afterAll(() => run.close());

  it('gives the bytes of the export for every past run, whatever runs, answers, approvals and applies came after', async () => {
    expect(exported.size).toBe(4);
    for (const [runId, lines] of exported) {
      const replayed = await planResources(run.context.db, run.config, run.context.region, runId);
      expect(replayed.lines).toEqual(lines);
    }
  });

  it('was made of plans that really differ: 4 creations; then an attachment too; then two changes and a creation', () => {
    const [first, answered, later] = [...exported.values()].map((lines) => lines.map(names).sort());
    expect(first).toEqual(
      [
        'Centre de compétence – Centre d’essai 1',
        'Centre de référence – Centre d’essai 2',
        'Centre de compétence – Centre d’essai 3',
        'Centre de compétence – Centre d’essai 4',
      ].sort(),
    );
    expect(answered).toEqual(
      [...(first ?? []), 'Offre d’essai consultation de néphrologie, consultation de néphrologie'].sort(),
    );
    expect(later).toContain('Centre de référence – Centre d’essai 1');
    expect(later).toContain('Centre de compétence – Centre d’essai 5');
  });

  function names(line: string): string {
    return String((JSON.parse(line) as JsonObject)['name']);
  }

  it('exports resources that our validator accepts', () => {
    const codes = new CodeBook(run.config.codes);
    const lines = [...exported.values()].flat();
    expect(lines.length).toBeGreaterThan(9);
    for (const line of lines) {
      const findings = validateOffer(parseBody(line), codes);
      expect(findings.filter((finding) => finding.severity === 'error')).toEqual([]);
    }
  });

  it.skipIf(!hasShared)('exports resources that the official profiles accept', async () => {
    const validate = await rorValidator();
    for (const line of [...exported.values()].flat()) {
      const resource = JSON.parse(line) as JsonObject;
      const body = isJsonObject(resource['meta']) ? resource : {};
      expect(validate(body).filter((finding) => finding.severity === 'error')).toEqual([]);
    }
  });

  it('refuses in French, with a remedy, under another configuration', async () => {
    const [runId = ''] = exported.keys();
    const other = { ...run.config, hash: '0'.repeat(64) };
    const refusal = await refused(planResources(run.context.db, other, run.context.region, runId));
    expect(refusal.code).toBe('REPLAY_CONFIG');
    expect(refusal.message).toContain('autre configuration');
    expect(refusal.remedy).toMatch(/refaites un plan \(page « Passages », ou « filror sync » au terminal\)/);
  });

  it('refuses a plan made by another version, and names that version', async () => {
    const [runId = ''] = exported.keys();
    const db = run.database.owner;
    await db.raw(
      `insert into run (region, id, kind, state, started_at, finished_at)
       select region, 'run_autre', 'technical', 'unchanged', started_at, finished_at from run where id = ?`,
      [runId],
    );
    await db.raw(
      `insert into plan_input select region, 'run_autre', deliveries, config_hash, '0.0.9', answer_no, decision_no,
         mirror_no, applied_no, centre_key_no, link_no, instant from plan_input where run_id = ?`,
      [runId],
    );
    const refusal = await refused(planResources(run.context.db, run.config, run.context.region, 'run_autre'));
    expect(refusal.code).toBe('REPLAY_CONFIG');
    expect(refusal.message).toContain('autre version (0.0.9)');
  });

  it('says when the same inputs no longer give the bytes of the plan', async () => {
    const [runId = ''] = exported.keys();
    const db = run.database.owner;
    const kept = await db('plan_input').whereNotNull('resources_hash').pluck('run_id');
    expect(kept).toEqual(expect.arrayContaining([...exported.keys()]));
    await db.raw(
      `insert into run (region, id, kind, state, started_at, finished_at)
       select region, 'run_octets', 'technical', 'unchanged', started_at, finished_at from run where id = ?`,
      [runId],
    );
    await db.raw(
      `insert into plan_input select region, 'run_octets', deliveries, config_hash, code_version, answer_no,
         decision_no, mirror_no, applied_no, centre_key_no, link_no, instant, ? from plan_input where run_id = ?`,
      ['0'.repeat(64), runId],
    );
    const refusal = await refused(
      planResources(run.context.db, run.config, run.context.region, 'run_octets'),
    );
    expect(refusal.code).toBe('REPLAY_DIFFERS');
    expect(refusal.message).toContain('ne donnent plus les octets du plan');
  });

  it('refuses an unknown run, and a run that failed before planning', async () => {
    const unknown = await refused(
      planResources(run.context.db, run.config, run.context.region, 'run_inconnu'),
    );
    expect([unknown.code, unknown.remedy]).toEqual([
      'RUN_UNKNOWN',
      'reprenez l’identifiant à la page « Passages » (au terminal : « filror sync --output json », clé « run »).',
    ]);
    await expect(run.sync({ 'labelled-centres': run.write('vide.csv', '') })).rejects.toThrow();
    const failed = (await run.context.db('run').where({ state: 'failed' }).first<{ id: string }>('id')).id;
    const refusal = await refused(planResources(run.context.db, run.config, run.context.region, failed));
    expect(refusal.code).toBe('RUN_WITHOUT_PLAN');
    expect(refusal.message).toContain('n’a pas produit de plan');
  });

  it('says at the terminal the same bytes for export and replay', async () => {
    const env = {
      DATABASE_URL: run.database.appUrl,
      DATABASE_OWNER_URL: run.database.ownerUrl,
      FILROR_CONFIG: demoFolder,
    };
    const [last = ''] = [...exported.keys()].slice(-1);
    const files = [join(run.folder, 'export.ndjson'), join(run.folder, 'rejeu.ndjson')] as const;
    const region = ['--region', '28'];
    const export_ = await runFilror(
      ['plan', 'export', ...region, '--format', 'ndjson', '--out', files[0]],
      env,
    );
    const replay = await runFilror(['plan', 'replay', last, ...region, '--out', files[1]], env);
    expect([export_.code, replay.code]).toEqual([0, 0]);
    const bytes = readFileSync(files[0]);
    expect(bytes.length).toBeGreaterThan(1_000);
    expect(readFileSync(files[1]).equals(bytes)).toBe(true);
    expect(bytes.toString()).toBe((exported.get(last) ?? []).map((line) => `${line}\n`).join(''));
  });
});

async function refused(work: Promise<unknown>): Promise<RefusalError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RefusalError)) throw new Error(`a refusal was expected, not ${String(error)}`);
  return error;
}
