import { changeHeads } from '../db/change-heads.js';
import { OPEN_STATES } from '../db/changes.js';
import { lastPlan } from '../db/runs.js';
import { fold } from '../normalise/text.js';
import type { RunContext } from './context.js';
import type { CentreIdentity, RunReport } from './report.js';

/** What narrows the list of centres; empty: everything. */
export interface CentresWanted {
  /** Words, each of which must stand in the centre's name, label, filière, hospital, town, FINESS number or id. */
  readonly words: string;
  readonly filiere: string;
  readonly label: string;
  readonly open: 'any' | 'some';
}

export interface ListedCentre extends CentreIdentity {
  /** Changes that are open for it. */
  readonly open: number;
}

export interface CentreList {
  /** All centres of the last plan, before anything narrows the list; null before the first plan. */
  readonly total: number | null;
  readonly filieres: readonly string[];
  readonly labels: readonly string[];
  readonly found: readonly ListedCentre[];
}

const FRENCH = new Intl.Collator('fr');

/** The centres of the last plan that answer a search, in the order of their names. */
export async function listCentres(
  run: Pick<RunContext, 'db' | 'region'>,
  wanted: CentresWanted,
): Promise<CentreList> {
  const last = await lastPlan(run.db, run.region.code);
  if (last === null) return { total: null, filieres: [], labels: [], found: [] };
  const all = Object.values((last.report as RunReport).centres);
  const open = new Map<string, number>();
  for (const head of await changeHeads(run.db, run.region.code, OPEN_STATES))
    for (const centre of head.centres) open.set(centre, (open.get(centre) ?? 0) + 1);
  const words = fold(wanted.words)
    .split(' ')
    .filter((word) => word !== '');
  const found = all
    .map((centre) => ({ ...centre, open: open.get(centre.id) ?? 0 }))
    .filter(
      (centre) =>
        (wanted.filiere === '' || centre.filiere === wanted.filiere) &&
        (wanted.label === '' || centre.label === wanted.label) &&
        (wanted.open === 'any' || centre.open > 0) &&
        holdsAll(textOf(centre), words),
    )
    .sort((a, b) => FRENCH.compare(nameOf(a), nameOf(b)) || (a.id < b.id ? -1 : 1));
  return {
    total: all.length,
    filieres: distinct(all.map(({ filiere }) => filiere)),
    labels: distinct(all.map(({ label }) => label)),
    found,
  };
}

/** "TOXIBUL – Dermatoses bulleuses toxiques" */
export function nameOf({ network, title }: Pick<CentreIdentity, 'network' | 'title'>): string {
  return network === null ? title : `${network} – ${title}`;
}

function textOf(centre: CentreIdentity): string {
  const { title, network, filiere, label, campaign, hospital, town, ej, eg, id } = centre;
  return fold([title, network, filiere, label, campaign, hospital, town, ej, eg, id].join(' '));
}

function holdsAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort((a, b) => FRENCH.compare(a, b));
}
