import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import { standingAgreements } from '../db/agreements.js';
import type { StoredChange } from '../db/changes.js';
import { decisionsOf } from '../db/decisions.js';
import { followupsOf } from '../db/followups.js';
import type { Db } from '../db/types.js';
import { RefusalError, SourceError } from '../domain/errors.js';
import { CodeBook } from '../ror/codes.js';
import { ownerOf } from './queue.js';
import { sheetPage } from './sheet-page.js';
import { sheetOf, type Sheet, type SheetCentre, type SheetSite } from './sheet.js';

/** Who the centres of the changes are, and where. */
export interface SheetNames {
  readonly centres: Readonly<Record<string, SheetCentre & { readonly eg: string | null }>>;
  readonly sites: readonly SheetSite[];
}

/**
 * The sheets of changes that were handed over, made again from what is stored: printing twice gives the same page,
 * apart from who types it. @throws RefusalError `NOT_TRANSMITTED`
 */
export async function sheetsOf(
  db: Db,
  config: FilrorConfig,
  region: RegionProfile,
  changes: readonly StoredChange[],
  names: SheetNames,
): Promise<Sheet[]> {
  const codes = new CodeBook(config.codes);
  const agreements = await standingAgreements(db, region.code, changes);
  const events = await followupsOf(
    db,
    region.code,
    changes.map((change) => change.id),
  );
  const sheets: Sheet[] = [];
  for (const change of changes) {
    const steps = events.get(change.id) ?? [];
    const handed = steps.find((event) => event.kind === 'transmitted');
    if (handed === undefined || handed.expiresAt === null) throw notTransmitted(change);
    const decisions = await decisionsOf(db, region.code, change.id);
    const centres = change.centres.map((id) => names.centres[id] ?? unknownCentre(id));
    const numbers = new Set(centres.map((centre) => centre.eg));
    sheets.push(
      sheetOf(
        {
          region,
          change,
          centres: centres.map(({ id, title, network, filiere, label, campaign }) => ({
            id,
            title,
            network,
            filiere,
            label,
            campaign,
          })),
          sites: names.sites.filter((site) => numbers.has(site.eg)),
          approvedAt: decisions
            .filter((decision) => decision.verdict === 'approve' && decision.hash === change.hash)
            .map((decision) => decision.at),
          agreement: agreements.get(change.id) ?? null,
          transmittedAt: handed.at,
          expiresAt: handed.expiresAt,
          owner: ownerOf(steps),
          returnTo: config.followup.returnTo,
        },
        codes,
      ),
    );
  }
  return sheets;
}

/** A centre that left the lists since: its block still says who it is. */
function unknownCentre(id: string): SheetCentre & { readonly eg: string | null } {
  return { id, title: 'centre', network: null, filiere: '?', label: '?', campaign: null, eg: null };
}

/**
 * Writes each sheet as a page and as JSON, whole or not at all.
 * @returns the pages' paths. @throws SourceError `SHEET_FOLDER`
 */
export async function writeSheets(folder: string, sheets: readonly Sheet[]): Promise<string[]> {
  const pages: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const sheet of sheets) {
      const name = `fiche-${sheet.region.code}-${sheet.change}`;
      await put(join(folder, `${name}.json`), `${JSON.stringify(sheet, null, 2)}\n`);
      pages.push(await put(join(folder, `${name}.html`), sheetPage(sheet)));
    }
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new SourceError({
      code: 'SHEET_FOLDER',
      message: `Les fiches ne peuvent pas être écrites dans ${folder} (${String(cause.code)}).`,
      place: '--out',
      remedy:
        'donnez à --out un dossier où ce compte peut écrire, puis imprimez-les par « filror queue sheet ».',
      cause,
    });
  }
  return pages;
}

async function put(path: string, text: string): Promise<string> {
  await writeFile(`${path}.partial`, text, 'utf8');
  await rename(`${path}.partial`, path);
  return path;
}

function notTransmitted(change: StoredChange): RefusalError {
  return new RefusalError({
    code: 'NOT_TRANSMITTED',
    message: `Le changement ${change.id} n’a pas été transmis : il n’a pas de fiche.`,
    place: `changement ${change.id}`,
    remedy: 'transmettez ce qui est approuvé et accordé par « filror apply », puis imprimez la fiche.',
  });
}
