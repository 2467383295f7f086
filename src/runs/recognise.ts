import { answersOf, type Answer } from '../db/answers.js';
import { lastPlan } from '../db/runs.js';
import { DataError } from '../domain/errors.js';
import { finessFault } from '../domain/finess.js';
import type { GivenAnswer } from './act.js';
import type { RunContext } from './context.js';
import { knownSites } from './known-sites.js';
import { mentionId } from './places.js';
import type { OpenMention } from './propose.js';
import type { RunReport } from './report.js';

type Run = Pick<RunContext, 'db' | 'region' | 'config'>;

/** Hospitals that a person must recognise, as the last plan lists them. */
export async function openMentions(run: Pick<Run, 'db' | 'region'>): Promise<readonly OpenMention[]> {
  const last = await lastPlan(run.db, run.region.code);
  return last === null ? [] : (last.report as RunReport).mentions;
}

/** Decisions on hospitals that still hold, oldest first. */
export async function matchDecisions(run: Pick<Run, 'db' | 'region'>): Promise<Answer[]> {
  const answers = await answersOf(run.db, run.region.code);
  return answers.filter(({ kind }) => kind === 'match' || kind === 'matchReject');
}

/**
 * This hospital is the one with this number, EG or EJ.
 * @throws DataError `MENTION_UNKNOWN`, `FINESS_UNKNOWN`
 */
export async function recogniseAnswer(run: Run, id: string, finess: string): Promise<GivenAnswer> {
  return { kind: 'match', subject: await keyOfMention(run, id), body: await numbersOf(run, finess) };
}

/** None of the candidates is the right one. @throws DataError `MENTION_UNKNOWN` */
export async function noneAnswer(run: Run, id: string): Promise<GivenAnswer> {
  return { kind: 'matchReject', subject: await keyOfMention(run, id), body: {} };
}

/** Takes back the last decision on a hospital. @throws DataError `MENTION_UNKNOWN` */
export async function undoMatchAnswer(run: Run, id: string): Promise<GivenAnswer> {
  const key = await keyOfMention(run, id);
  const last = (await matchDecisions(run)).findLast((each) => each.subject === key);
  if (last === undefined) throw unknownMention(id);
  return { kind: 'undo', subject: key, body: { answer: last.no } };
}

/** An open mention, or one already decided. */
async function keyOfMention(run: Run, id: string): Promise<string> {
  const open = (await openMentions(run)).find((mention) => mention.id === id);
  if (open !== undefined) return open.key;
  const decided = (await answersOf(run.db, run.region.code)).find((each) => mentionId(each.subject) === id);
  if (decided !== undefined) return decided.subject;
  throw unknownMention(id);
}

export function unknownMention(id: string): DataError {
  return new DataError({
    code: 'MENTION_UNKNOWN',
    message: `Aucun rapprochement « ${id} » n’est en attente ni décidé.`,
    remedy: 'voyez-les à la page « Rapprochements » (au terminal : « filror match list »).',
  });
}

/** A site gives both numbers; a legal entity gives its own only, and the site stays to be chosen. */
async function numbersOf(run: Run, finess: string): Promise<{ ej: string; eg: string | null }> {
  const found = finessFault(finess) === null ? await knownSites(run, [finess]) : [];
  const site = found.find((establishment) => establishment.eg === finess);
  if (site !== undefined) return { ej: site.ej, eg: site.eg };
  const entity = found.find((establishment) => establishment.ej === finess);
  if (entity !== undefined) return { ej: entity.ej, eg: null };
  throw new DataError({
    code: 'FINESS_UNKNOWN',
    message: `Le numéro FINESS « ${finess} » n’est pas dans le registre de la région.`,
    remedy:
      'vérifiez le numéro (neuf caractères), ou choisissez l’un des candidats montrés (page « Rapprochements », ou « filror match list » au terminal).',
  });
}
