import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/files.js';
import { keyOf } from '../../src/consolidate/identity.js';
import type { ObservationRef } from '../../src/consolidate/centre.js';
import type { CentreObservation } from '../../src/domain/centre.js';
import type { Establishment } from '../../src/domain/establishment.js';
import type { Filiere } from '../../src/domain/filiere.js';
import { sha256 } from '../../src/domain/json.js';
import type { Material } from '../../src/runs/material.js';
import { propose, type Proposal, type ProposedChange } from '../../src/runs/propose.js';
import { readAll, type SourceInput } from '../../src/sources/contract.js';
import { filieresSource } from '../../src/sources/filieres/index.js';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import { afterApply, answer, centreId, config, material, unitOffer } from './material.js';

const folder = join(packageRoot, 'test', 'golden');

/** The stored snapshots, oldest first. */
export const SNAPSHOTS = ['2026-03', '2026-09'] as const;
export type Snapshot = (typeof SNAPSHOTS)[number];

export function goldenFile(snapshot: Snapshot): string {
  return join(folder, snapshot, 'plan.json');
}

/** The plan of each stored snapshot by the present code, as text; centres of the first are applied before the second. */
export async function goldenPlans(): Promise<Record<Snapshot, string>> {
  const filieres = await readFilieres();
  const establishments = await readEstablishments();
  const dieppe = establishments.find((site) => site.eg === '760000018');
  if (dieppe === undefined) throw new Error('finess.csv lacks Dieppe');
  const nephrology = unitOffer(dieppe, {
    identifier: '28/ESSAI-0002',
    label: 'consultation de néphrologie',
    activity: { code: '095', display: 'Néphrologie' },
    category: null,
  });

  const first = material({
    filieres,
    establishments,
    offers: [nephrology],
    observations: await readList('2026-03', filieres),
    keys: new Map(),
  });
  const march = propose(first, drawn(first));

  // What people do between the two: centre 4 is attached to the unit's offer, and all that can be applied is.
  const keys = new Map(march.seen.assignments.map((each) => [keyOf(each), each.centre]));
  const four = [...march.centres.values()].find(({ centre }) => centre.title === 'Centre d’essai 4');
  const answers = [answer('attach', four?.centre.id ?? '', { offer: '28/ESSAI-0002' })];
  const known: Material = { ...first, keys, answers, firstSeen: seenAt(first.observations, 1) };
  const approved = propose(known, drawn(known)).changes.filter((change) => change.state === 'proposed');
  const settled = afterApply(known, approved);

  const observations = await readList('2026-09', filieres);
  const said = new Set(observations.map(keyOf));
  const second: Material = {
    ...settled,
    observations,
    firstSeen: new Map([...seenAt(observations, 2), ...seenAt(first.observations, 1)]),
    lost: first.observations
      .filter((ref) => !said.has(keyOf(ref)))
      .map((ref) => ({
        ref,
        droppedAt: 2,
        list: { snapshot: observations[0]?.snapshot ?? '', date: '2026-09-01' },
      })),
  };
  const september = propose(second, drawn(second));
  return { '2026-03': written(march), '2026-09': written(september) };
}

/**
 * First plan of lists read as they are, each a source of its own, as text without the places that values come from: two
 * lists that say the same give the same text. @throws when a row is set aside
 */
export async function firstPlanOf(...lists: readonly Buffer[]): Promise<FirstPlan> {
  return JSON.parse(await firstPlanText(lists), (name, value: unknown) =>
    name === 'from' ? undefined : value,
  ) as FirstPlan;
}

/** The same with the place of each value (`labelled-centres:2` is line 2 of the list). */
export async function placedPlanOf(...lists: readonly Buffer[]): Promise<FirstPlan> {
  return JSON.parse(await firstPlanText(lists)) as FirstPlan;
}

async function firstPlanText(lists: readonly Buffer[]): Promise<string> {
  const filieres = await readFilieres();
  const observations: ObservationRef[] = [];
  for (const [at, text] of lists.entries()) {
    const source = at === 0 ? 'labelled-centres' : `labelled-centres-${String(at + 1)}`;
    const file = {
      fileName: 'centres.csv',
      text,
      bytes: async function* () {
        yield await Promise.resolve(text);
      },
    };
    observations.push(...(await readRefs(file, source, '2026-03', filieres)));
  }
  const of = material({
    filieres,
    establishments: await readEstablishments(),
    observations,
    keys: new Map(),
  });
  return written(propose(of, drawn(of)));
}

export interface FirstPlan {
  readonly matches: unknown;
  readonly mentions: readonly { readonly mention: string }[];
  readonly changes: readonly {
    readonly target: string;
    readonly state: string;
    readonly elements: Readonly<Record<string, { readonly after?: string; readonly from?: string }>>;
  }[];
}

function seenAt(observations: readonly ObservationRef[], delivery: number): Map<string, number> {
  return new Map(observations.map((ref) => [keyOf(ref), delivery]));
}

/** Ids in the order in which they are asked for: they are replaced by keys in what is written. */
function drawn(of: Material): () => ReturnType<typeof centreId> {
  let count = of.keys.size;
  return () => centreId(`centre ${++count}`);
}

function input(...path: readonly string[]): SourceInput & { readonly text: Buffer } {
  const text = readFileSync(join(...path));
  return {
    fileName: path.at(-1) ?? '',
    text,
    bytes: async function* () {
      yield await Promise.resolve(text);
    },
  };
}

async function readFilieres(): Promise<Filiere[]> {
  const outcomes = await readAll(filieresSource(), input(packageRoot, 'config', 'filieres.csv'));
  return outcomes.flatMap((outcome) => (outcome.kind === 'row' ? [outcome.value] : []));
}

async function readEstablishments(): Promise<Establishment[]> {
  const found: Establishment[] = [];
  for await (const outcome of finessEtalab().read(input(folder, 'finess.csv'))) {
    if (outcome.kind === 'row' && outcome.value.kind === 'establishment')
      found.push(outcome.value.establishment);
  }
  return found;
}

async function readList(snapshot: Snapshot, filieres: readonly Filiere[]): Promise<ObservationRef[]> {
  return await readRefs(input(folder, snapshot, 'centres.csv'), 'labelled-centres', snapshot, filieres);
}

async function readRefs(
  file: SourceInput & { readonly text: Buffer },
  source: string,
  snapshot: Snapshot,
  filieres: readonly Filiere[],
): Promise<ObservationRef[]> {
  const outcomes = await readAll(labelledCentres(filieres), file);
  return outcomes.map((outcome): ObservationRef => {
    if (outcome.kind !== 'row')
      throw new Error(`${snapshot}: row set aside, ${outcome.code} ${outcome.message}`);
    return {
      source,
      precedence: config.sources['labelled-centres']?.precedence ?? 0,
      key: outcome.key ?? '',
      observation: outcome.value as CentreObservation,
      locator: outcome.locator,
      snapshot: sha256(file.text),
      date: `${snapshot}-01`,
      importedBy: null,
    };
  });
}

/** One line per value that may move, so that a difference is read line by line. */
function written(proposal: Proposal): string {
  const names = new Map([...proposal.centres.values()].map(({ centre }) => [centre.id, centre.key]));
  for (const { id, ref } of proposal.lost) names.set(id, ref.key);
  const plan = {
    outOfRegion: Object.fromEntries(proposal.seen.outOfRegion),
    matches: proposal.seen.matches,
    mentions: proposal.mentions.map(({ mention, outcome, reason }) => ({ mention, outcome, reason })),
    changes: [...proposal.changes].map(shownChange),
  };
  let text = JSON.stringify(plan, null, 2);
  for (const [id, key] of names) text = text.replaceAll(id, `<${key}>`);
  const sorted = JSON.parse(text) as { changes: { target: string }[] };
  sorted.changes.sort((a, b) => (a.target < b.target ? -1 : 1));
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

function shownChange(change: ProposedChange): object {
  return {
    target: change.target.replace('offer:28/CREE-', 'offer:28/CREE-cmr_'),
    kind: change.kind,
    state: change.state,
    centres: change.centres,
    reasons: change.reasons.map(
      (reason) =>
        `${reason.blocking ? '!' : 'i'} ${reason.code}${reason.field === undefined ? '' : ` (${reason.field})`}: ${reason.message}` +
        (reason.candidates === undefined
          ? ''
          : ` [${reason.candidates.map((each) => `${each.value} ${each.label}`).join(' ; ')}]`),
    ),
    elements: Object.fromEntries(
      change.elements.map((element) => [
        `${element.operation} ${element.key}`,
        {
          ...(element.base === undefined ? {} : { base: JSON.stringify(element.base) }),
          ...(element.before === undefined ? {} : { before: JSON.stringify(element.before) }),
          ...(element.after === undefined ? {} : { after: JSON.stringify(element.after) }),
          text: element.text,
          from: element.provenance
            .map((each) => `${each.origin}${each.locator?.line === undefined ? '' : `:${each.locator.line}`}`)
            .join(', '),
          ...(element.channel === 'served' ? { served: true } : {}),
          ...(element.conflict ? { conflict: true } : {}),
          ...(element.assumed ? { assumed: true } : {}),
        },
      ]),
    ),
  };
}
