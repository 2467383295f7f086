import { answersOf } from '../db/answers.js';
import { centreLinks, formerLinks } from '../db/centres.js';
import { DataError } from '../domain/errors.js';
import { frenchDay, parisMidnight } from '../domain/time.js';
import type { GivenAnswer } from './act.js';
import type { RunContext } from './context.js';
import { requireProof } from './reply.js';

export type Declaration = 'withdraw' | 'close' | 'reopen';

const PROVED: Readonly<Record<Declaration, string>> = {
  withdraw: 'retirer un label',
  close: 'fermer une offre',
  reopen: 'déclarer un retour',
};

/**
 * A label lost, an offer closed, or the return of either, as a person declares it with its proof and its date.
 * A withdrawal or a closure concerns a centre that stands on an offer, a closure an offer that filror created, a return
 * a centre that left.
 * @throws DataError `PROOF_MISSING`, `DATE_INVALID`, `CENTRE_NOT_LINKED`, `CLOSE_NOT_OURS`, `CENTRE_NOT_GONE`
 */
export async function declarationAnswer(
  run: Pick<RunContext, 'db' | 'region'>,
  kind: Declaration,
  centre: string,
  given: Proved,
): Promise<GivenAnswer> {
  const proof = requireProof(given.proof, PROVED[kind]);
  const date = isoDate(given.date);
  await (kind === 'reopen' ? requireGone(run, centre) : requireLinked(run, kind, centre));
  return { kind, subject: centre, body: { proof, date } };
}

async function requireLinked(
  { db, region }: Pick<RunContext, 'db' | 'region'>,
  kind: 'withdraw' | 'close',
  centre: string,
): Promise<void> {
  const link = (await centreLinks(db, region.code)).find((each) => each.centre === centre);
  if (link !== undefined && (kind === 'withdraw' || link.createdByUs)) return;
  throw new DataError({
    code: link === undefined ? 'CENTRE_NOT_LINKED' : 'CLOSE_NOT_OURS',
    message:
      link === undefined
        ? `Le centre « ${centre} » n’est décrit par aucune offre du ROR.`
        : `L’offre ${link.identifier} n’a pas été créée par filror : elle ne se ferme pas d’ici.`,
    place: centre,
    remedy:
      link === undefined
        ? 'choisissez un centre déjà écrit dans le ROR (page « Centres » ; au terminal, son identifiant cmr_…, que « filror show » donne).'
        : 'déclarez la perte du label (page « Déclarer », ou « filror withdraw » au terminal) ; la fermeture appartient à l’établissement.',
  });
}

/** @throws DataError `CENTRE_NOT_GONE`: it stands where it stood, and nobody declared that it left */
async function requireGone(run: Pick<RunContext, 'db' | 'region'>, centre: string): Promise<void> {
  if ((await goneCentres(run)).has(centre)) return;
  throw new DataError({
    code: 'CENTRE_NOT_GONE',
    message: `Le centre « ${centre} » n’a quitté aucune offre : ni retrait ni fermeture n’a été déclaré ou écrit.`,
    place: centre,
    remedy:
      'choisissez un centre retiré ou fermé (page « Centres » ; au terminal, son identifiant cmr_…, que « filror show » donne).',
  });
}

/** Centres whose departure is declared, or written in the repository: they alone may return. */
export async function goneCentres({
  db,
  region,
}: Pick<RunContext, 'db' | 'region'>): Promise<ReadonlySet<string>> {
  const declared = new Map<string, string>();
  for (const { kind, subject } of await answersOf(db, region.code)) {
    if (kind === 'withdraw' || kind === 'close' || kind === 'reopen') declared.set(subject, kind);
  }
  const linked = new Set<string>((await centreLinks(db, region.code)).map(({ centre }) => centre));
  const left = (await formerLinks(db, region.code)).filter(({ centre }) => !linked.has(centre));
  return new Set([
    ...[...declared].filter(([, kind]) => kind !== 'reopen').map(([subject]) => subject),
    ...left.map(({ centre }) => centre),
  ]);
}

/** Proof and day as they were typed, for what holds since then. */
export interface Proved {
  readonly proof: string | undefined;
  /** `2026-01-31` */
  readonly date: string | undefined;
}

/**
 * What holds already: a day that has come, and its proof.
 * @throws DataError `PROOF_MISSING`, `DATE_INVALID`, `DATE_FUTURE`
 */
export function requireProvedSince(
  given: Proved,
  what: string,
  now: Date,
): { readonly proof: string; readonly date: string } {
  const proof = requireProof(given.proof, what);
  const date = isoDate(given.date);
  const since = parisMidnight(date);
  if (since !== null && since <= now) return { proof, date };
  throw new DataError({
    code: 'DATE_FUTURE',
    message: `Le ${frenchDay(date)} n’est pas encore venu.`,
    place: '--date',
    remedy: 'déclarez-le ce jour-là : une proposition s’écrit dès qu’elle est approuvée.',
  });
}

/** @throws DataError `DATE_INVALID` */
function isoDate(text: string | undefined): string {
  if (text !== undefined && parisMidnight(text) !== null) return text;
  throw new DataError({
    code: 'DATE_INVALID',
    message: `« ${text ?? ''} » n’est pas une date.`,
    place: '--date',
    remedy: 'écrivez une date réelle sous la forme AAAA-MM-JJ, par exemple 2026-01-31.',
  });
}
