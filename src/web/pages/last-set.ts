import { momentText } from '../../domain/time.js';
import { lastSlotOf } from '../../db/slots.js';
import type { Db } from '../../db/types.js';
import { exportOutcomeText } from '../../domain/export-outcome.js';
import { html, type Html } from '../../domain/html.js';

/** How the last set to download came out; null where the schedule never came to write one. */
export async function lastSet(db: Db, region: string): Promise<Html | null> {
  const slot = await lastSlotOf(db, region, 'export');
  if (slot === null) return null;
  const { dueAt, error } = slot;
  const badge = error === null ? 'add' : 'alert';
  const word = error === null ? 'fait' : slot.state === 'missed' ? 'manqué' : 'en échec';
  return html`<p>
    Dernier jeu à télécharger, ${momentText(dueAt)} : <span class="badge ${badge}">${word}</span>
    ${error === null ? exportOutcomeText(slot) : `${error.message} Que faire : ${error.remedy}`}
  </p>`;
}
