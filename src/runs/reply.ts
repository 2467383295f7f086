import { lastPlan } from '../db/runs.js';
import type { StoredChange } from '../db/changes.js';
import type { Reason } from '../domain/change.js';
import { DataError } from '../domain/errors.js';
import { keptText } from '../domain/plain-words.js';
import { CodeBook } from '../ror/codes.js';
import type { GivenAnswer } from './act.js';
import { checkCompletion, type CompletedCentre } from './complete.js';
import type { RunContext } from './context.js';
import type { RunReport } from './report.js';

/** The answers to the questions of a change, each checked against what the change asks: nothing wrong is recorded. */

/** @throws DataError `OFFER_UNKNOWN`: not one of the offers that the question names */
export function attachAnswer(change: StoredChange, centre: string, offer: string): GivenAnswer {
  const candidates = candidatesOf(change, ['attachOrCreate']);
  if (candidates.includes(offer)) return { kind: 'attach', subject: centre, body: { offer } };
  throw new DataError({
    code: 'OFFER_UNKNOWN',
    message: `L’offre « ${offer} » n’est pas candidate pour ce changement.`,
    place: `changement ${change.id}`,
    remedy: `choisissez parmi : ${candidates.join(', ') || 'aucune : créez une offre (page du changement, ou « filror create » au terminal)'}.`,
  });
}

export function createAnswer(centre: string): GivenAnswer {
  return { kind: 'create', subject: centre, body: {} };
}

/**
 * Completions, each `field=value`; a label is reconfirmed with its proof only.
 * @throws DataError `COMPLETE_FIELD`, `COMPLETE_VALUE`, `PROOF_MISSING`
 */
export async function completionAnswers(
  run: RunContext,
  change: StoredChange,
  centre: string,
  given: { readonly values: readonly string[]; readonly proof?: string | undefined },
): Promise<GivenAnswer[]> {
  const codes = new CodeBook(run.config.codes);
  const about = await completedCentre(run, change, centre);
  const { proof } = given;
  const answers: GivenAnswer[] = [];
  for (const each of given.values) {
    const { field, value } = await checkCompletion(run, codes, each, about);
    const kept =
      field === 'label' || (proof ?? '').trim() !== ''
        ? requireProof(proof, 'reconfirmer un label')
        : undefined;
    answers.push({
      kind: 'complete',
      subject: centre,
      body: { field, value, ...(kept === undefined ? {} : { proof: kept }) },
    });
  }
  return answers;
}

/** @throws DataError `CENTRE_UNKNOWN`: not one of the centres to compare */
export function sameAnswer(change: StoredChange, centre: string, other: string): GivenAnswer {
  const candidates = candidatesOf(change, ['continuity', 'twin']);
  if (candidates.includes(other)) return { kind: 'continuity', subject: centre, body: { same: other } };
  throw new DataError({
    code: 'CENTRE_UNKNOWN',
    message: `Le centre « ${other} » n’est pas parmi ceux que ce changement demande de comparer.`,
    place: `changement ${change.id}`,
    remedy: `choisissez parmi : ${candidates.join(', ') || 'aucun'}.`,
  });
}

export function differentAnswer(centre: string): GivenAnswer {
  return { kind: 'continuity', subject: centre, body: { same: null } };
}

/**
 * The centre of a change that an answer is about.
 * @throws DataError `CENTRE_UNKNOWN`: several centres share the offer and none was named, or not one of them
 */
export function centreOf(change: StoredChange, named: string | undefined): string {
  const [only, ...others] = change.centres;
  if (only === undefined) throw new Error(`change ${change.id} without centre`);
  const found = named === undefined && others.length === 0 ? only : change.centres.find((id) => id === named);
  if (found !== undefined) return found;
  throw new DataError({
    code: 'CENTRE_UNKNOWN',
    message:
      named === undefined
        ? `Le changement ${change.id} concerne ${change.centres.length} centres : il faut dire duquel il s’agit.`
        : `Le changement ${change.id} ne concerne pas le centre « ${named} ».`,
    place: '--centre',
    remedy: `dites de quel centre il s’agit (au terminal : --centre), l’un de : ${change.centres.join(', ')}.`,
  });
}

/** @throws DataError `PROOF_MISSING` */
export function requireProof(proof: string | undefined, what: string): string {
  const text = (proof ?? '').trim();
  if (text !== '') return keptText(text, 'preuve', 'la preuve : acte, date, page');
  throw new DataError({
    code: 'PROOF_MISSING',
    message: `Une preuve est demandée pour ${what}.`,
    place: '--proof',
    remedy: 'donnez-la : acte, date, page (au terminal : --proof "…").',
  });
}

async function completedCentre(
  run: RunContext,
  change: StoredChange,
  centre: string,
): Promise<CompletedCentre> {
  const last = await lastPlan(run.db, run.region.code);
  const known = last === null ? undefined : (last.report as RunReport).centres[centre];
  return {
    ej: known?.ej ?? null,
    candidates: change.reasons
      .filter((reason) => reason.field === 'site' || reason.field === 'establishment')
      .flatMap(valuesOf),
  };
}

function candidatesOf(change: StoredChange, codes: readonly Reason['code'][]): string[] {
  return change.reasons.filter((reason) => codes.includes(reason.code)).flatMap(valuesOf);
}

function valuesOf({ candidates }: Reason): string[] {
  return (candidates ?? []).map(({ value }) => value);
}
