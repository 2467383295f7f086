import { addOrderDecisions, setOrderHead, type OrderDecisionKind, type OrderDraft } from '../db/orders.js';
import { lockRegion } from '../db/runs.js';
import { inTransaction } from '../db/types.js';
import { DataError } from '../domain/errors.js';
import { append } from '../journal/append.js';
import { requireAnswerRight } from '../review/rights.js';
import type { RunContext } from './context.js';
import { orderFilieres, proposalOf, readFields, type Proposal } from './order-proposals.js';
import { acting, proposals } from './orders.js';

export interface LineDecision {
  readonly kind: OrderDecisionKind;
  readonly lines: readonly number[];
  /** By field as people write it (`intitule`, `label`…); for `validate` of one line. */
  readonly set: Readonly<Record<string, string>>;
  readonly reason: string | null;
}

/**
 * Records what a person decided of lines, all of it or nothing. Those already decided so are left as they are.
 * @returns the lines decided
 * @throws DataError `ORDER_LINE_UNKNOWN`, `ORDER_LINE_UNREADABLE`, `ORDER_LINE_DECIDED`, `ORDER_REASON`; RefusalError `NO_GRANT`
 */
export async function decideLines(
  run: RunContext,
  draft: OrderDraft,
  decision: LineDecision,
): Promise<readonly number[]> {
  const { region } = run;
  const person = acting(run);
  return await inTransaction(run.db, async (trx) => {
    const held = { ...run, db: trx };
    await lockRegion(trx, region.code);
    await requireAnswerRight(trx, region, run.config.review, person, run.now());
    const lines = await proposals(held, draft);
    const index = await orderFilieres(held);
    const { head, corrections } = readFields(decision.set);
    const at = run.now();
    const given: number[] = [];
    for (const no of [...new Set(decision.lines)].sort((a, b) => a - b)) {
      const found = lines.find(({ row }) => row.line === no);
      if (found === undefined) throw unknownLine(draft, no, lines.length);
      const { row } = found;
      requireDecidable(draft, found, decision);
      if (decision.kind === 'validate') {
        const said = {
          ...row,
          head: head ?? row.head,
          decided: { ...NOBODY, corrections, person: person.id, at },
        };
        const { faults } = proposalOf(draft, said, index);
        if (faults.length > 0) throw unreadable(draft, row.line, faults);
        if (head !== null) await setOrderHead(trx, { region: region.code, draft: draft.id, line: no }, head);
      }
      given.push(no);
    }
    const entries = given.map((line) => ({
      line,
      kind: decision.kind,
      corrections,
      reason: decision.reason,
      person: person.id,
      at,
    }));
    await addOrderDecisions(trx, region.code, draft.id, entries);
    await append(trx, {
      region: region.code,
      kind: `order.${decision.kind}`,
      subject: `order:${draft.id}`,
      actor: person.id,
      body: { lines: given, corrections, headCorrected: head !== null, reason: decision.reason },
    });
    return given;
  });
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

function unreadable(draft: OrderDraft, line: number, faults: Proposal['faults']): DataError {
  return new DataError({
    code: 'ORDER_LINE_UNREADABLE',
    message: `La ligne ${String(line)} ne peut pas être validée telle quelle : ${faults.map(({ message }) => message).join(' ')}`,
    place: `${draft.fileName}, ligne ${String(line)}`,
    remedy: `corrigez ses champs en la validant (au terminal : --set champ=valeur), ou écartez-la. ${faults.map(({ remedy }) => remedy).join(' ')}`,
  });
}
