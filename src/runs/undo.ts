import { answersOf, type Answer } from '../db/answers.js';
import { appliedElements, type AppliedElement } from '../db/applied.js';
import type { ChangeAuthor, StoredChange } from '../db/changes.js';
import { STATE_WORDS, offerOfTarget, type ChangeKind, type ElementChange } from '../domain/change.js';
import { DataError, RefusalError } from '../domain/errors.js';
import type { Json } from '../domain/json.js';
import type { ElementKey } from '../domain/offer.js';
import type { UndoneElement } from '../plan/undone.js';
import { keptText } from '../domain/plain-words.js';
import { saysTheSame } from '../ror/equality.js';
import type { GivenAnswer } from './act.js';
import type { RunContext } from './context.js';
import type { Material } from './material.js';

/** What is kept of one element: values as JSON text, in their own order of keys; an absent value is an absent key. */
interface KeptElement {
  readonly key: ElementKey;
  readonly path: string;
  readonly channel: ElementChange['channel'];
  readonly wrote?: string;
  readonly restore?: string;
}

/** Kinds whose inverse is a set of values. What attached, created or took away a centre is undone by a declaration. */
const BY_VALUES: readonly ChangeKind[] = ['modify', 'enrich'];

export function isUndoable({ state, kind }: Pick<StoredChange, 'state' | 'kind'>): boolean {
  return state === 'rejected' || (state === 'applied' && BY_VALUES.includes(kind));
}

/**
 * Takes back what an applied change wrote, wherever that still stands: the next plan proposes what stood there before,
 * and proposes the same values again only once the sources say something else. Of a rejected change, the rejection: its
 * values are no longer remembered as refused, and are proposed again if the sources still say them.
 * @throws RefusalError `UNDO_NOT_APPLIED`, `UNDO_BY_DECLARATION`, `UNDO_NOTHING`; DataError `REASON_MISSING`
 */
export async function undoChangeAnswer(
  { db, region }: Pick<RunContext, 'db' | 'region'>,
  change: StoredChange,
  reason: string,
): Promise<GivenAnswer> {
  if (change.state === 'rejected') {
    const body = { change: change.id, hash: change.hash, reason: keptReason(reason) };
    return { kind: 'unreject', subject: change.target, body };
  }
  if (change.state !== 'applied') throw notApplied(change);
  if (!BY_VALUES.includes(change.kind)) throw byDeclaration(change);
  const kept = keptReason(reason);
  const identifier = offerOfTarget(change.target) ?? '';
  const base = (await appliedElements(db, region.code, undefined, identifier)).get(identifier);
  const elements = change.elements
    .filter((element) => stands(element, base?.get(element.key)))
    .map(({ key, path, channel, before, after }): KeptElement => {
      const wrote = after === undefined ? {} : { wrote: JSON.stringify(after) };
      return {
        key,
        path,
        channel,
        ...wrote,
        ...(before === undefined ? {} : { restore: JSON.stringify(before) }),
      };
    });
  if (elements.length === 0) throw nothingStands(change);
  return {
    kind: 'revert',
    subject: change.target,
    body: { change: change.id, hash: change.hash, reason: kept, elements },
  };
}

/** What people answered about the centres or the offer of a change, and still holds, oldest first. */
export async function answersAbout(
  { db, region }: Pick<RunContext, 'db' | 'region'>,
  change: Pick<StoredChange, 'centres' | 'target'>,
): Promise<Answer[]> {
  const subjects = new Set<string>([...change.centres, change.target]);
  return (await answersOf(db, region.code)).filter(({ subject }) => subjects.has(subject));
}

/**
 * Takes one answer back: the question that it settled is asked again.
 * @throws DataError `ANSWER_UNKNOWN`: no answer about this change, or taken back since; `REASON_MISSING`, `TEXT_PERSONAL`
 */
export async function undoAnswerAnswer(
  run: Pick<RunContext, 'db' | 'region'>,
  change: StoredChange,
  no: number,
  reason: string,
): Promise<GivenAnswer> {
  const kept = keptReason(reason);
  const found = (await answersAbout(run, change)).find((each) => each.no === no);
  if (found !== undefined)
    return { kind: 'undo', subject: found.subject, body: { answer: no, reason: kept } };
  throw new DataError({
    code: 'ANSWER_UNKNOWN',
    message: `La réponse n° ${String(no)} n’est pas, ou plus, une réponse à ce changement.`,
    place: `changement ${change.id}`,
    remedy: 'ouvrez de nouveau le changement : il montre les réponses qui valent encore.',
  });
}

/** What people took back on one offer, by element; the last word on an element counts. */
export function undoneOn(
  target: string,
  { answers }: Pick<Material, 'answers'>,
): Map<ElementKey, UndoneElement> {
  const undone = new Map<ElementKey, UndoneElement>();
  for (const { kind, subject, body, author, at } of answers) {
    if (kind !== 'revert' || subject !== target) continue;
    for (const { key, path, channel, wrote, restore } of body['elements'] as readonly KeptElement[]) {
      undone.set(key, {
        path,
        channel,
        wrote: parsed(wrote),
        restore: parsed(restore),
        author,
        provenance: { kind: 'decision', origin: author, date: at.toISOString().slice(0, 10) },
        reason: {
          code: 'note',
          blocking: false,
          message: `Annulation du changement ${String(body['change'])} demandée, raison : ${String(body['reason'])}.`,
        },
      });
    }
  }
  return undone;
}

function parsed(text: string | undefined): Json | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}

/** Whoever took back what a change restores is an author of it, and approves it no more than anybody who gave a value. */
export function undoAuthors(
  change: {
    readonly target: string;
    readonly centres: readonly string[];
    readonly elements: readonly Pick<ElementChange, 'key'>[];
  },
  material: Pick<Material, 'answers' | 'undoings'>,
): ChangeAuthor[] {
  const undone = undoneOn(change.target, material);
  const people = new Set([
    ...change.elements.flatMap(({ key }) => undone.get(key)?.author ?? []),
    // An answer that shows again because a later one was taken back rests on whoever took it back as well.
    ...material.undoings
      .filter(({ subject }) => change.centres.includes(subject))
      .map(({ person }) => person),
  ]);
  return [...people].map((person) => ({ person, why: 'revert' }));
}

function stands({ after }: ElementChange, applied: AppliedElement | undefined): boolean {
  const now = applied?.readBack ?? undefined;
  if (after === undefined || now === undefined) return after === now;
  return saysTheSame(now, after);
}

function notApplied(change: StoredChange): RefusalError {
  return new RefusalError({
    code: 'UNDO_NOT_APPLIED',
    message: `Le changement ${change.id} est « ${STATE_WORDS[change.state]} » : rien de lui n’est écrit, il n’y a rien à annuler.`,
    place: `changement ${change.id}`,
    remedy: 'pour qu’il ne soit pas envoyé, rejetez-le avec sa raison.',
  });
}

const DECLARED: Readonly<Partial<Record<ChangeKind, string>>> = {
  attach:
    'déclarez la perte du label de ce centre (page « Déclarer », ou filror withdraw au terminal) : ce que filror a ajouté est retiré',
  create: 'déclarez la fermeture de l’offre (page « Déclarer », ou filror close au terminal)',
  withdraw: 'déclarez le retour du centre (page « Déclarer », ou filror reopen au terminal)',
  close: 'déclarez le retour du centre (page « Déclarer », ou filror reopen au terminal)',
};

function byDeclaration(change: StoredChange): RefusalError {
  return new RefusalError({
    code: 'UNDO_BY_DECLARATION',
    message: `Le changement ${change.id} a lié ou délié un centre et une offre : il se défait par une déclaration, avec sa preuve et sa date.`,
    place: `changement ${change.id}`,
    remedy: `${DECLARED[change.kind] ?? ''}.`,
  });
}

function nothingStands(change: StoredChange): RefusalError {
  return new RefusalError({
    code: 'UNDO_NOTHING',
    message: `Plus rien de ce que le changement ${change.id} a écrit n’est en place : d’autres changements l’ont remplacé.`,
    place: `changement ${change.id}`,
    remedy: 'annulez le changement qui l’a remplacé.',
  });
}

/** Kept for ever, in the answer and in the journal. @throws DataError `REASON_MISSING`, `TEXT_PERSONAL` */
function keptReason(reason: string): string {
  if (reason.trim() === '') throw reasonMissing();
  return keptText(reason, 'raison', 'la raison en quelques mots');
}

function reasonMissing(): DataError {
  return new DataError({
    code: 'REASON_MISSING',
    message: 'Une annulation demande une raison.',
    remedy: 'dites pourquoi : la raison est gardée, et montrée à qui approuve.',
  });
}
