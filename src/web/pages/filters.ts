import { z } from 'zod';
import type { ChangeHead } from '../../db/change-heads.js';
import { CHANGE_KINDS, CHANGE_STATES, type ChangeState } from '../../domain/change.js';
import { remembered } from '../../domain/remembered.js';
import { fold } from '../../normalise/text.js';
import { withQuery } from '../query-text.js';
import type { Centres } from './parts.js';

/** What a person still has to answer, under one name in the filter. */
const ASKED: readonly ChangeState[] = ['toComplete', 'toReconfirm', 'question'];
/** What changes are chosen by, everywhere: a list that is filtered, and a rule that approves what it shows. */
export const rule = z.object({
  etat: z.enum([...CHANGE_STATES, 'asked', '']).default(''),
  genre: z.enum([...CHANGE_KINDS, '']).default(''),
  filiere: z.string().max(40).default(''),
  cherche: z.string().max(200).default(''),
});
export type Rule = z.infer<typeof rule>;

/** State of the list: all of it stands in the address, so that a view can be shared. */
export const filters = rule.extend({
  onglet: z.enum(['offres', 'retraits']).default('offres'),
  vue: z.enum(['compact', 'complet']).default('compact'),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});
export type Filters = z.infer<typeof filters>;

/** The heads that the filters keep, in the order in which they are given. */
export function matching(
  heads: readonly ChangeHead[],
  { etat, genre, filiere, cherche }: Rule,
  centres: Centres,
): readonly ChangeHead[] {
  const words = fold(cherche);
  const own = filiere === '' ? heads : (byFiliereOf(centres)(heads).get(filiere) ?? []);
  if (etat === '' && genre === '' && words === '') return own;
  const texts = words === '' ? null : textsOf(centres)(own);
  return own.filter((head, at) => {
    if (etat === 'asked' && !ASKED.includes(head.state)) return false;
    if (etat !== '' && etat !== 'asked' && head.state !== etat) return false;
    if (genre !== '' && head.kind !== genre) return false;
    return texts?.[at]?.includes(words) ?? true;
  });
}

// Open changes and centres stay the same objects while nothing moves: what a whole list costs is paid once.
const byFiliereOf = remembered((centres: Centres) =>
  remembered((heads: readonly ChangeHead[]) => {
    const lists = new Map<string, ChangeHead[]>();
    for (const head of heads) {
      for (const filiere of new Set(head.centres.flatMap((id) => centres[id]?.filiere ?? []))) {
        const list = lists.get(filiere);
        if (list === undefined) lists.set(filiere, [head]);
        else list.push(head);
      }
    }
    return lists;
  }),
);
/** What a search reads of each change, folded. */
const textsOf = remembered((centres: Centres) =>
  remembered((heads: readonly ChangeHead[]) =>
    heads.map(({ id, target, centres: own }) => {
      const known = own
        .flatMap((each) => centres[each] ?? [])
        .map(({ title, network, hospital, town, eg, ej }) =>
          [title, network, hospital, town, eg, ej].join(' '),
        );
      return fold(`${known.join(' ')} ${target} ${id}`);
    }),
  ),
);

/** The address of the list with some of its state changed. */
export function listAddress(region: string, query: Filters, change: Partial<Filters>): string {
  const state = { ...query, ...change };
  const defaults: Filters = filters.parse({});
  const kept = Object.entries(state).filter(([name, value]) => value !== defaults[name as keyof Filters]);
  return withQuery(`/${region}/changements`, Object.fromEntries(kept));
}

/** The same choice as a rule that approves, at one page of its preview; how a list is looked at is no part of it. */
export function bulkAddress(region: string, chosen: Rule, page = 1): string {
  const { etat, genre, filiere, cherche } = chosen;
  return withQuery(`/${region}/changements/approuver-en-nombre`, {
    etat,
    genre,
    filiere,
    cherche,
    page: page > 1 ? page : '',
  });
}
