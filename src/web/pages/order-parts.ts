import { z } from 'zod';
import { tidy } from '../../normalise/text.js';
import { ORDER_FIELDS, type Proposal } from '../../runs/order-proposals.js';
import { withQuery } from '../query-text.js';

/** Lines shown at once. */
export const ORDER_PAGE = 25;

export const LINE_STATES = ['toutes', 'a-relire', 'validees', 'ecartees'] as const;
export type LineState = (typeof LINE_STATES)[number];
export const LINE_STATE_WORDS: Readonly<Record<LineState, string>> = {
  toutes: 'toutes',
  'a-relire': 'à relire',
  validees: 'validées',
  ecartees: 'écartées',
};

/** Which lines of a draft are shown; stands in the address, and in every form of the page. */
export const orderPlace = z.object({
  etat: z.enum(LINE_STATES).default('toutes'),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});
export type OrderPlace = z.infer<typeof orderPlace>;

/** Names of its fields that are part of the address of the page. */
export const PLACED = Object.keys(orderPlace.shape);

export function stateOf({ row: { decided } }: Pick<Proposal, 'row'>): Exclude<LineState, 'toutes'> {
  if (decided === null) return 'a-relire';
  return decided.kind === 'validate' ? 'validees' : 'ecartees';
}

export function orderAddress(region: string, draft: string, { etat, page }: OrderPlace): string {
  const said = { etat: etat === 'toutes' ? '' : etat, page: page === 1 ? '' : page };
  return withQuery(`/${region}/arretes/${draft}`, said);
}

/** The fields of a line as its form sends them; one that is left out is not corrected. */
export const lineFields = z.object(
  Object.fromEntries(Object.keys(ORDER_FIELDS).map((name) => [name, z.string().max(20_000).optional()])),
);

/** Fields that the person wrote otherwise than they were shown: what is left as it was read is no correction. */
export function corrected(
  { cells }: Proposal,
  sent: z.infer<typeof lineFields>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(ORDER_FIELDS).flatMap(([name, column]) => {
      const given = sent[name];
      return given === undefined || tidy(given) === tidy(cells[column] ?? '') ? [] : [[name, given]];
    }),
  );
}
