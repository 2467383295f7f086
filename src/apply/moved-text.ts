import type { Labels } from '../ror/describe.js';
import { columnsOf } from '../ror/columns.js';
import { termOf } from '../ror/terms.js';
import type { MovedElement } from './moved.js';

/** The three values of each element that moved (rule 2), in the field's own terms, on one line. */
export function movedText(moved: readonly MovedElement[], codes: Labels): string {
  return moved
    .map(({ key, shown, now, wanted }) => {
      const [first, second, third] = columnsOf([shown, now, wanted], codes);
      const term = termOf(key);
      const name = term === key ? key : `${term} (${key})`;
      return `${name} : montré ${first ?? ''} | ROR ${second ?? ''} | demandé ${third ?? ''}`;
    })
    .join(' ; ');
}
