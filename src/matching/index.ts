import type { Establishment } from '../domain/establishment.js';
import type { MatchResult, Mention } from '../domain/matching.js';
import { DEFAULT_MATCHING_OPTIONS, type MatchingOptions } from '../domain/matching-options.js';
import { decideByName } from './decide.js';
import { decideByNumber } from './number.js';
import { readQuestion } from './question.js';
import { buildRegister } from './register.js';

export { DEFAULT_MATCHING_OPTIONS, type MatchingOptions } from '../domain/matching-options.js';

export interface MatchIndex {
  /** Legal entities of the hospital sector. */
  readonly size: number;
  /** Pure: the same mention always gets the same answer, whatever the order of the establishments. */
  match(mention: Mention): MatchResult;
}

/** Reads the register once; keeps the hospital sector whole and, of the others, only whose each number is. */
export function buildIndex(
  establishments: Iterable<Establishment>,
  options: MatchingOptions = DEFAULT_MATCHING_OPTIONS,
): MatchIndex {
  const register = buildRegister(establishments, options);
  return {
    size: register.entities.size,
    match: (mention) => {
      const question = readQuestion(mention, register, options);
      return mention.finessEj || mention.finessEg
        ? decideByNumber(mention, question, register, options)
        : decideByName(question, register, options);
    },
  };
}
