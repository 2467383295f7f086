import { counted } from './counted.js';
import type { Slot } from './schedule.js';

/** What a slot that wrote the set to download leaves in the ledger. */
export interface ExportOutcome {
  /** Folder of the set, below the configured one. */
  readonly set: string;
  /** False: the same bytes stood there already. */
  readonly written: boolean;
  readonly offers: number;
  readonly former: number;
  readonly departures: number;
  readonly removed: readonly string[];
  /** Old folders that somebody touched: left alone. */
  readonly strange: readonly { readonly name: string; readonly why: string }[];
}

/** The same words in the terminal and on the pages; null for a slot that is no finished export. */
export function exportOutcomeText({
  job,
  state,
  outcome,
}: Pick<Slot, 'job' | 'state' | 'outcome'>): string | null {
  if (job !== 'export' || state !== 'done') return null;
  const { set, written, offers, removed, strange } = outcome as ExportOutcome;
  const said = written ? `jeu écrit : ${set}` : `rien de nouveau depuis le jeu ${set}`;
  return [
    `${said}, ${counted(offers, 'offre')}`,
    ...(removed.length === 0 ? [] : [counted(removed.length, 'ancien jeu ôté', 'anciens jeux ôtés')]),
    ...strange.map(
      ({ name, why }) => `${name} est laissé : ${why}. Que faire : s’il ne sert plus, ôtez-le vous-même`,
    ),
  ].join(' ; ');
}
