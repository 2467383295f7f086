import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { FilrorConfig } from '../../src/config/load.js';
import { loadConfig } from '../../src/config/load.js';
import { openChanges } from '../../src/db/changes.js';
import { CodeBook } from '../../src/ror/codes.js';
import { codeUses } from '../../src/runs/code-uses.js';
import { pullCodes } from '../../src/runs/code-systems.js';
import { sync } from '../../src/runs/sync.js';
import { retiredCodesNamed } from '../../src/runs/check-retired-codes.js';
import { approveAll, type ApprovedRegion } from '../support/approved-region.js';
import { copiesOf } from '../support/copies.js';
import {
  codeSystem,
  inUse,
  NEXT_VERSION,
  outOfUse,
  systemOf,
  type TrialConcept,
} from '../support/nomenclature.js';

/** A created offer and an attached one, both written with level 11; then the nomenclature of levels moves. */
const copy = copiesOf({ creates: 1, attaches: 1 });
const OLD = 'Centre de compétences labellisé';
const LEVEL = (code: string): string => `characteristic[expertiseLevel]#${code}`;

let region: ApprovedRegion;
/** The next version of TRE_R344 taken into the region's own folder. */
async function follow(instead: Record<string, TrialConcept>): Promise<FilrorConfig> {
  const file = join(region.folder, 'TRE_R344.json');
  const next = codeSystem(systemOf('TRE_R344'), instead, { version: NEXT_VERSION });
  writeFileSync(file, JSON.stringify(next));
  const asked = { from: file, systems: ['TRE_R344'], at: new Date() };
  const { files } = await pullCodes(loadConfig(region.folder), asked, { mode: 'real', losses: 'refuse' });
  expect(files).toEqual(['codes/tre-r344.yaml']);
  return loadConfig(region.folder);
}

const levels = (): string[][] =>
  region.sandbox
    .list('HealthcareService')
    .map((offer) => [
      ...JSON.stringify(offer).matchAll(/NiveauExpertise","code":"(\d+)","display":"([^"]+)"/g),
    ])
    .map((found) => found.map(([, code, display]) => `${code ?? ''} ${display ?? ''}`));

async function plan(config: FilrorConfig) {
  const { plan: report } = await sync({ ...region.run(null), config }, { replaced: new Map() }, 'real');
  return { summary: report.summary, changes: await openChanges(region.database.app, '28') };
}

async function approveAndApply(config: FilrorConfig): Promise<string[]> {
  await approveAll(region, region.approver);
  await approveAll(region, region.second);
  return (await region.apply({ config, codes: new CodeBook(config.codes) })).map(({ result }) => result);
}

it('a retired code whose successor is stated: exactly that is proposed, approved, written; then nothing', async () => {
  region = await copy();
  expect((await region.apply()).map(({ result }) => result)).toEqual(['applied', 'applied']);
  expect(levels()).toEqual([[`11 ${OLD}`], [`11 ${OLD}`]]);

  const config = await follow({
    '11': outOfUse('11', OLD, '90'),
    '90': inUse('90', 'Centre d’essai labellisé'),
  });
  const uses = await codeUses(config, { db: region.database.app, code: '28' });
  expect(uses.get('TRE_R344|11')?.[0]).toBe('écrit dans 2 offres de la région 28');
  const { changes } = await plan(config);
  expect(changes).toHaveLength(2);
  for (const { kind, state, elements, reasons } of changes) {
    expect({ kind, state }).toEqual({ kind: 'modify', state: 'proposed' });
    expect(elements.map(({ key, operation, assumed }) => [key, operation, assumed])).toEqual([
      [LEVEL('11'), 'delete', false],
      [LEVEL('90'), 'add', false],
    ]);
    const reason = reasons.find(({ code }) => code === 'codeRetired');
    expect(reason?.blocking).toBe(false);
    for (const said of [`11 ${OLD}`, '90 Centre d’essai labellisé', NEXT_VERSION, 'TRE_R344'])
      expect(reason?.message).toContain(said);
  }
  expect(await approveAndApply(config)).toEqual(['applied', 'applied']);
  expect(levels()).toEqual([['90 Centre d’essai labellisé'], ['90 Centre d’essai labellisé']]);
  expect((await plan(config)).summary).toMatch(/^Aucun changement/);
  expect(retiredCodesNamed(config)).toEqual([
    expect.stringMatching(
      /expertiseLevels\.CRC : 11 .* 90 Centre d’essai labellisé le remplace\. Écrivez 90\./,
    ),
    expect.stringMatching(/expertiseLevels\.CCMR : 11 /),
  ]);
});

it('a successor that only its name suggests is proposed with the mark « supposé »', async () => {
  region = await copy();
  await region.apply();
  const config = await follow({
    '11': outOfUse('11', OLD),
    '90': inUse('90', 'Centre de compétences maladies rares labellisé'),
  });
  expect(systemOf('TRE_R344', config).successors).toEqual({});
  const { changes } = await plan(config);
  for (const { state, elements, reasons } of changes) {
    expect(state).toBe('proposed');
    expect(elements.map(({ key, assumed }) => [key, assumed])).toEqual([
      [LEVEL('11'), false],
      [LEVEL('90'), true],
    ]);
    expect(reasons.map(({ message }) => message).join()).toContain('est supposé le remplacer');
  }
});

it('without successor the change asks, stops no run, and cannot be approved; the operator’s answer opens it', async () => {
  region = await copy();
  await region.apply();
  const config = await follow({ '11': outOfUse('11', OLD) });
  const { changes } = await plan(config);
  expect(changes.map(({ state }) => state)).toEqual(['question', 'question']);
  for (const { reasons, elements } of changes) {
    expect(reasons.filter(({ blocking }) => blocking).map(({ code }) => code)).toEqual(['codeRetired']);
    expect(elements.map(({ key, operation }) => [key, operation])).toEqual([[LEVEL('11'), 'delete']]);
    expect(elements[0]?.provenance).toEqual([{ kind: 'rule', origin: 'ror.code.retired' }]);
  }
  expect(await approveAndApply(config)).toEqual([]);
  expect(levels()).toEqual([[`11 ${OLD}`], [`11 ${OLD}`]]);

  appendFileSync(join(region.folder, 'codes', 'tre-r344.yaml'), "successors:\n  '11': '12'\n");
  const answered = await plan(loadConfig(region.folder));
  expect(answered.changes.map(({ state }) => state)).toEqual(['proposed', 'proposed']);
  expect(answered.changes[0]?.elements.map(({ key }) => key)).toEqual([LEVEL('11'), LEVEL('12')]);
});

it('a renamed code is written again where we wrote it, once; typography alone changes nothing', async () => {
  region = await copy();
  await region.apply();
  const typography = await follow({
    '11': inUse('11', 'CENTRE DE COMPÉTENCES  LABELLISÉ'),
    '10': inUse('10', 'Autre nom'),
  });
  expect(systemOf('TRE_R344', typography).active['11']).toBe(OLD);
  expect((await plan(typography)).summary).toMatch(/^Aucun changement/);

  const config = await follow({ '11': inUse('11', 'Centre de compétences maladies rares labellisé') });
  const { changes } = await plan(config);
  expect(changes).toHaveLength(2);
  for (const { kind, state, elements, reasons } of changes) {
    expect({ kind, state }).toEqual({ kind: 'modify', state: 'proposed' });
    expect(elements.map(({ key, operation }) => [key, operation])).toEqual([[LEVEL('11'), 'replace']]);
    expect(reasons.map(({ message }) => message).join()).toMatch(
      /renommé le code 11 .*« Centre de compétences labellisé » devient « Centre de compétences maladies rares labellisé »/,
    );
  }
  expect(await approveAndApply(config)).toEqual(['applied', 'applied']);
  expect(levels().flat()).toEqual(Array(2).fill('11 Centre de compétences maladies rares labellisé'));
  expect((await plan(config)).summary).toMatch(/^Aucun changement/);
});

it('a repository that keeps its own labels is not written again for a new name', async () => {
  region = await copy();
  region.sandbox.faults.always('write', { kind: 'storedAs', how: 'rewriteDisplays' });
  await region.apply();
  const config = await follow({ '11': inUse('11', 'Centre de compétences maladies rares labellisé') });
  expect((await plan(config)).summary).toMatch(/^Aucun changement/);
});
