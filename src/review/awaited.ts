import type { ChangeHead } from '../db/change-heads.js';
import { votersOfProposed } from '../db/decisions.js';
import type { Db } from '../db/types.js';
import type { PersonId } from '../domain/ids.js';
import { lentVoice } from './decide.js';

/** What becomes of the changes to approve, for one reviewer. */
export interface Awaited {
  /** Those that this person may approve now. */
  readonly own: number;
  /** Those that somebody else must approve: the person, or whoever they stand in for, is an author. */
  readonly authored: number;
  /** Those that already have this person's voice, and wait for another one. */
  readonly voiced: number;
}

/**
 * Of the changes to approve, how many wait for this person: the rule of `approve`, for all of them in one statement that
 * reads only what this person had a part in.
 * @param rights under which the person reviews (`reviewerRights`): null is one's own, else of whom one is the deputy
 */
export async function awaitedOf(
  db: Db,
  want: {
    readonly region: string;
    readonly person: PersonId;
    readonly rights: readonly (PersonId | null)[];
    readonly heads: readonly Pick<ChangeHead, 'id' | 'state'>[];
  },
): Promise<Awaited> {
  const { region, person, rights, heads } = want;
  const people = [person, ...rights.filter((each) => each !== null)];
  const { authors, voices, approvers } = await votersOfProposed(db, region, people);
  const none: ReadonlySet<PersonId> = new Set();
  let [own, authored, voiced] = [0, 0, 0];
  for (const { id, state } of heads) {
    if (state !== 'proposed') continue;
    const made = authors.get(id) ?? none;
    const said = voices.get(id) ?? none;
    const right = lentVoice(rights, made, said);
    if (made.has(person) || right === undefined) authored += 1;
    else if (approvers.get(id)?.has(person) === true || said.has(right ?? person)) voiced += 1;
    else own += 1;
  }
  return { own, authored, voiced };
}
