import { createHash, randomBytes } from 'node:crypto';
import {
  addOrderDraft,
  orderDrafts,
  orderLines,
  orderWaiting,
  type NewOrderLine,
  type OrderDraft,
} from '../db/orders.js';
import { ensureRegion, lockRegion } from '../db/runs.js';
import { storeSnapshot } from '../db/snapshots.js';
import { inTransaction, type Db } from '../db/types.js';
import { DataError } from '../domain/errors.js';
import { base32 } from '../domain/ids.js';
import { piecesOf } from '../domain/pieces.js';
import { ORDER_READER } from '../domain/source-ids.js';
import { append } from '../journal/append.js';
import { requireAnswerRight } from '../review/rights.js';
import { readOrder, type OrderLine } from '../sources/labelling-order/order.js';
import type { Alert } from './alerts.js';
import { codeVersion } from './code-version.js';
import type { RunContext } from './context.js';
import { orderFilieres, proposalOf, type Proposal } from './order-proposals.js';

export interface ReadDraft {
  readonly draft: OrderDraft;
  readonly lines: readonly Proposal[];
  /** True when the same PDF was read before: what was read and decided then stands. */
  readonly known: boolean;
}

/**
 * Reads the PDF of an order into a draft, or finds the draft of the same bytes. Nothing of it counts yet.
 * @param campaign year of the order, as the person says
 * @throws SourceError for a PDF that cannot be used; DataError `ORDER_NOT_CONFIGURED`, `ORDER_CAMPAIGN`, `ORDER_OTHER_CAMPAIGN`; RefusalError `NO_GRANT`
 */
export async function readDraft(
  run: RunContext,
  file: { readonly name: string; readonly bytes: Uint8Array },
  campaign: string,
): Promise<ReadDraft> {
  const { db, region } = run;
  const person = acting(run);
  if (!/^(?:19|20)\d\d$/.test(campaign)) throw wrongCampaign(campaign);
  if (!Object.values(run.config.sources).some(({ reader }) => reader === ORDER_READER)) throw notConfigured();
  await ensureRegion(db, region.code);
  await requireAnswerRight(db, region, run.config.review, person, run.now());
  const sha256 = createHash('sha256').update(file.bytes).digest('hex');
  const known = await knownDraft(run, sha256, campaign);
  if (known !== null) return known;
  // Bytes are stored before they are read (DESIGN 6, rule 1).
  await storeSnapshot(db, piecesOf(file.bytes), run.now());
  const reading = await readOrder(
    { fileName: file.name, bytes: () => piecesOf(file.bytes) },
    await orderFilieres(run),
    (done, total) => {
      run.progress({ step: 'lecture de l’arrêté', done, total });
    },
  );
  return await inTransaction(db, async (trx) => {
    const held = { ...run, db: trx };
    await lockRegion(trx, region.code);
    // Somebody may have read the same PDF meanwhile, or another one of this name.
    const meanwhile = await knownDraft(held, sha256, campaign);
    if (meanwhile !== null) return meanwhile;
    const drafts = await orderDrafts(trx, region.code);
    const draft: OrderDraft = {
      id: base32(randomBytes(8)),
      sha256,
      fileName: drafts.some((one) => one.fileName === file.name)
        ? `${file.name} (${sha256.slice(0, 8)})`
        : file.name,
      campaign,
      pages: reading.pages,
      textless: reading.textless,
      outside: reading.outside,
      readBy: person.id,
      readAt: run.now(),
    };
    await addOrderDraft(trx, region.code, { ...draft, codeVersion }, reading.lines.map(newLine));
    await append(trx, {
      region: region.code,
      kind: 'order.read',
      subject: `order:${draft.id}`,
      actor: person.id,
      body: { sha256, file: draft.fileName, campaign, pages: draft.pages, lines: reading.lines.length },
    });
    return { draft, lines: await proposals(held, draft), known: false };
  });
}

/** The draft of the same bytes, as it was left; null when nobody read them. @throws DataError `ORDER_OTHER_CAMPAIGN` */
async function knownDraft(
  run: Pick<RunContext, 'db' | 'config' | 'region'>,
  sha256: string,
  campaign: string,
): Promise<ReadDraft | null> {
  const draft = (await orderDrafts(run.db, run.region.code)).find((one) => one.sha256 === sha256);
  if (draft === undefined) return null;
  if (draft.campaign !== campaign) throw otherCampaign(draft, campaign);
  return { draft, lines: await proposals(run, draft), known: true };
}

/** What names a person is kept apart, and so is all that was read of a line that was not understood. */
function newLine({ line, page, cells, others, doubts }: OrderLine): NewOrderLine {
  const { head = '', ...named } = cells;
  const unread = doubts.includes('unread');
  const { filiere = '', ...texts } = named;
  const other = [...(unread ? [...Object.values(texts), head] : []), ...others].filter((text) => text !== '');
  return {
    line,
    page,
    cells: unread ? { ...(filiere === '' ? {} : { filiere }) } : named,
    doubts,
    head: unread ? '' : head,
    other: other.join(' | '),
  };
}

/** The lines of a draft as proposals, each with what must be looked at. */
export async function proposals(
  run: Pick<RunContext, 'db' | 'config' | 'region'>,
  draft: OrderDraft,
): Promise<Proposal[]> {
  const index = await orderFilieres(run);
  return (await orderLines(run.db, run.region.code, draft.id)).map((line) => proposalOf(draft, line, index));
}

/** The draft that an id, or its unmistakable start, names. @throws DataError `ORDER_UNKNOWN` */
export async function oneDraft(
  { db, region }: Pick<RunContext, 'db' | 'region'>,
  id: string,
): Promise<OrderDraft> {
  const found = (await orderDrafts(db, region.code)).filter((draft) => draft.id.startsWith(id));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new DataError({
    code: 'ORDER_UNKNOWN',
    message: `${found.length === 0 ? 'Aucun' : 'Plus d’un'} arrêté lu ne porte le numéro « ${id} » dans la région ${region.name}.`,
    place: 'arrêté',
    remedy: 'ouvrez-le depuis la page « Arrêtés » (au terminal : filror order list).',
  });
}

/** What a person still has to say, told by each run. */
export async function orderAlerts(db: Db, region: string): Promise<Alert[]> {
  const { waiting } = await orderWaiting(db, region);
  if (waiting === 0) return [];
  return [
    {
      code: 'ORDER_WAITING',
      message: `${String(waiting)} ligne(s) d’arrêté attendent d’être relues : elles ne comptent pas.`,
      remedy:
        'relisez-les à la page « Arrêtés » (au terminal : filror order list, puis filror order show et validate), ligne à ligne.',
    },
  ];
}

/** Whoever reads and decides. */
export function acting({ actor }: RunContext): NonNullable<RunContext['actor']> {
  if (actor === null) throw new Error('an order is read and decided by a person');
  return actor;
}

/** Lines validated in vain would be worse than a refusal. */
function notConfigured(): DataError {
  return new DataError({
    code: 'ORDER_NOT_CONFIGURED',
    message: 'Aucune source ne prend les lignes d’arrêté validées : elles ne compteraient pas.',
    place: 'sources.yaml',
    remedy: 'ajoutez une source dont le lecteur est labelling-order, sans « place ».',
  });
}

function wrongCampaign(campaign: string): DataError {
  return new DataError({
    code: 'ORDER_CAMPAIGN',
    message: `« ${campaign} » n’est pas l’année d’une campagne de labellisation.`,
    place: 'campagne',
    remedy: 'écrivez l’année de l’arrêté en quatre chiffres, par exemple 2023.',
  });
}

function otherCampaign(known: OrderDraft, campaign: string): DataError {
  return new DataError({
    code: 'ORDER_OTHER_CAMPAIGN',
    message: `Ce PDF a déjà été lu pour la campagne ${known.campaign} (arrêté ${known.id}), et non ${campaign}.`,
    place: 'campagne',
    remedy: `donnez ${known.campaign}, ou corrigez la campagne de chaque ligne en la validant (champ « Campagne » ; au terminal : --set campagne=${campaign}).`,
  });
}
