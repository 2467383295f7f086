import { addOrderDecisions, type OrderDecisionKind, type OrderDraft } from '../db/orders.js';
import { lockRegion } from '../db/runs.js';
import { inTransaction } from '../db/types.js';
import { DataError } from '../domain/errors.js';
import { append } from '../journal/append.js';
import { requireAnswerRight } from '../review/rights.js';
import type { RunContext } from './context.js';
import { orderFilieres, proposalOf, readFields, type Proposal } from './order-proposals.js';
import { requireTogether } from './order-together.js';
import { acting, proposals } from './orders.js';

export interface LineDecision {
  readonly kind: OrderDecisionKind;
  readonly lines: readonly number[];
  /** By field as people write it (`intitule`, `label`…); for `validate` of one line. */
  readonly set: Readonly<Record<string, string>>;
  readonly reason: string | null;
}

/**
 * Records what a person decided of lines, all of it or nothing. Several lines at once are sure ones of one page of the PDF
 * (`requireTogether`); taking back is not bound so, since it decides nothing.
 * @returns the lines decided
 * @throws DataError `ORDER_NO_LINE`, `ORDER_LINE_UNKNOWN`, `ORDER_LINE_UNREADABLE`, `ORDER_LINE_DECIDED`, `ORDER_REASON`, `ORDER_FIELD`, and those of `requireTogether`; RefusalError `NO_GRANT`
 */
export async function decideLines(
  run: RunContext,
  draft: OrderDraft,
  decision: LineDecision,
): Promise<readonly number[]> {
  const { region } = run;
  const { kind, reason } = decision;
  const person = acting(run);
  return await inTransaction(run.db, async (trx) => {
    const held = { ...run, db: trx };
    await lockRegion(trx, region.code);
    await requireAnswerRight(trx, region, run.config.review, person, run.now());
    const lines = linesNamed(draft, await proposals(held, draft), decision.lines);
    const corrections = readFields(decision.set);
    for (const line of lines) requireDecidable(draft, line, decision);
    if (lines.length > 1) {
      if (Object.keys(corrections).length > 0) throw severalCorrected(draft);
      if (kind !== 'undo') requireTogether(draft, lines);
    }
    const at = run.now();
    if (kind === 'validate') {
      const index = await orderFilieres(held);
      for (const { row } of lines) {
        const said = { ...row, decided: { ...NOBODY, corrections, person: person.id, at } };
        const { faults } = proposalOf(draft, said, index);
        if (faults.length > 0) throw unreadable(draft, row.line, faults);
      }
    }
    const given = lines.map(({ row }) => row.line);
    const entries = given.map((line) => ({ line, kind, corrections, reason, person: person.id, at }));
    await addOrderDecisions(trx, region.code, draft.id, entries);
    const { head, ...named } = corrections;
    await append(trx, {
      region: region.code,
      kind: `order.${kind}`,
      subject: `order:${draft.id}`,
      actor: person.id,
      body: { lines: given, corrections: named, headCorrected: head !== undefined, reason },
    });
    return given;
  });
}

/** @throws DataError `ORDER_LINE_UNKNOWN`, `ORDER_NO_LINE` */
function linesNamed(
  draft: OrderDraft,
  all: readonly Proposal[],
  numbers: readonly number[],
): readonly Proposal[] {
  const byLine = new Map(all.map((line) => [line.row.line, line]));
  const found = [...new Set(numbers)]
    .sort((a, b) => a - b)
    .map((no) => {
      const line = byLine.get(no);
      if (line === undefined) throw unknownLine(draft, no, all.length);
      return line;
    });
  if (found.length === 0) throw noLine(draft);
  return found;
}

const NOBODY = { kind: 'validate', reason: null } as const;

function requireDecidable(draft: OrderDraft, { row }: Proposal, { kind, reason }: LineDecision): void {
  const place = `${draft.fileName}, page ${String(row.page)}, ligne ${String(row.line)}`;
  if (kind === 'discard' && (reason ?? '').trim() === '')
    throw new DataError({
      code: 'ORDER_REASON',
      message: 'Une ligne s’écarte avec une raison.',
      place,
      remedy: 'dites pourquoi (au terminal : --reason "…").',
    });
  if ((kind === 'undo') === (row.decided === null))
    throw new DataError({
      code: 'ORDER_LINE_DECIDED',
      message:
        kind === 'undo'
          ? `La ligne ${String(row.line)} attend encore d’être relue : il n’y a rien à reprendre.`
          : `La ligne ${String(row.line)} est déjà ${row.decided?.kind === 'validate' ? 'validée' : 'écartée'}.`,
      place,
      remedy:
        kind === 'undo'
          ? 'choisissez une ligne relue.'
          : 'reprenez-la d’abord (au terminal : filror order undo).',
    });
}

function unknownLine(draft: OrderDraft, line: number, lines: number): DataError {
  return new DataError({
    code: 'ORDER_LINE_UNKNOWN',
    message: `L’arrêté ${draft.id} n’a pas de ligne ${String(line)} : il en a ${String(lines)}.`,
    place: draft.fileName,
    remedy: 'prenez une ligne montrée à la page « Arrêtés » (au terminal : filror order show).',
  });
}

function noLine(draft: OrderDraft): DataError {
  return new DataError({
    code: 'ORDER_NO_LINE',
    message: 'Aucune ligne n’est donnée.',
    place: draft.fileName,
    remedy: 'dites lesquelles, à la page « Arrêtés » (au terminal : 214, ou --lines 12-18).',
  });
}

function severalCorrected(draft: OrderDraft): DataError {
  return new DataError({
    code: 'ORDER_FIELD',
    message: 'Une correction vaut pour une ligne, et plusieurs sont données.',
    place: draft.fileName,
    remedy: 'validez une à une les lignes à corriger.',
  });
}

function unreadable(draft: OrderDraft, line: number, faults: Proposal['faults']): DataError {
  return new DataError({
    code: 'ORDER_LINE_UNREADABLE',
    message: `La ligne ${String(line)} ne peut pas être validée telle quelle : ${faults.map(({ message }) => message).join(' ')}`,
    place: `${draft.fileName}, ligne ${String(line)}`,
    remedy: `corrigez ses champs en la validant (au terminal : --set champ=valeur), ou écartez-la. ${faults.map(({ remedy }) => remedy).join(' ')}`,
  });
}
