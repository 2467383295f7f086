import { currentDeliveries } from '../db/deliveries.js';
import { observationsOf } from '../db/observations.js';
import { DataError } from '../domain/errors.js';
import type { OrphanetRecord } from '../domain/orphanet.js';
import { CodeBook } from '../ror/codes.js';
import type { RunContext } from './context.js';
import { OrphanetIndex, type FoundFamily, type OrphanetEntry } from './orphanet-index.js';

/** A delivery that an answer rests on. */
export interface OrphanetSource {
  readonly source: string;
  readonly file: string;
  /** ISO date that the file gives itself. */
  readonly contentDate: string | null;
}

export interface OrphanetAnswer {
  readonly wanted: string;
  /** How many entries agree; `entries` holds the nearest of them. */
  readonly total: number;
  readonly entries: readonly (Omit<OrphanetEntry, 'families'> & {
    readonly families: readonly (FoundFamily & { readonly display: string })[];
  })[];
  /** False when no product that says it was read. */
  readonly holds: { readonly names: boolean; readonly families: boolean };
  readonly sources: readonly OrphanetSource[];
}

/**
 * Which disorders of Orphanet agree with a text or an ORPHAcode, and their families of TRE_R245, as of the last delivery
 * of each source that the reader `orphanet` reads.
 * @throws DataError `ORPHANET_WANTED` for a text that names nothing, `ORPHANET_UNREAD` when nothing was read yet
 */
export async function findOrphanet(
  { db, config, region }: Pick<RunContext, 'db' | 'config' | 'region'>,
  wanted: string,
  limit: number,
): Promise<OrphanetAnswer> {
  if (!/[\p{L}\p{N}]/u.test(wanted)) throw nothingWanted();
  const deliveries = await currentDeliveries(db, region.code);
  const ours = Object.entries(config.sources)
    .filter(([, { reader }]) => reader === 'orphanet')
    .sort(([a, x], [b, y]) => y.precedence - x.precedence || (a < b ? -1 : 1))
    .flatMap(([source]) => deliveries.get(source) ?? []);
  if (ours.length === 0) throw unread(region.code, config.sources);
  const records: OrphanetRecord[] = [];
  for (const { source, no } of ours)
    for (const { content } of await observationsOf(db, region.code, source, no))
      records.push(JSON.parse(content) as OrphanetRecord);
  const index = new OrphanetIndex(records);
  const found = index.find(wanted);
  const codes = new CodeBook(config.codes);
  return {
    wanted,
    total: found.length,
    entries: found.slice(0, limit).map((code) => {
      const entry = index.entry(code);
      const families = entry.families.map((family) => ({
        ...family,
        display: codes.find('TRE_R245', family.code)?.display ?? '',
      }));
      return { ...entry, families };
    }),
    holds: index.holds,
    sources: ours.map(({ source, file_name: file, content_date: contentDate }) => ({
      source,
      file,
      contentDate,
    })),
  };
}

function nothingWanted(): DataError {
  return new DataError({
    code: 'ORPHANET_WANTED',
    message: 'Aucun mot à chercher n’est donné.',
    place: 'codes orphanet',
    remedy: 'donnez un nom de maladie entre guillemets, ou un code comme ORPHA:123.',
  });
}

function unread(region: string, sources: RunContext['config']['sources']): DataError {
  const [name = 'orphanet-nomenclature'] =
    Object.entries(sources).find(([, { reader }]) => reader === 'orphanet') ?? [];
  return new DataError({
    code: 'ORPHANET_UNREAD',
    message: `Aucun fichier d’Orphanet n’a été lu pour la région ${region}.`,
    place: `sources.yaml, ${name}`,
    remedy: `téléchargez les produits libres d’Orphanet, puis lancez au terminal « filror sync --region ${region} --source ${name}=FICHIER.xml ».`,
  });
}
