import { readFiliere, type FiliereIndex } from '../../normalise/filieres.js';
import { fold } from '../../normalise/text.js';
import type { Line } from '../reading/pdf/lines.js';
import { NEXT_LINE } from './header.js';

/** A filière named above a table, or in a row of its own across it. */
export interface FiliereHeading {
  /** Its code when it is known, else the line as written. */
  readonly filiere: string;
  readonly lines: readonly Line[];
}

const NAMES_ONE = /^(?:(?:annexe )?(?:[ivx]+|\d+|[a-z])(?: \d+)* )?(?:filiere|fsmr)s?\b/;

/** The headings among the lines of a page, from top to bottom. */
export function headingsOf(lines: readonly Line[], index: FiliereIndex): FiliereHeading[] {
  const found: FiliereHeading[] = [];
  lines.forEach((line, at) => {
    if (found.some((heading) => heading.lines.includes(line))) return;
    const calls = NAMES_ONE.test(fold(line.text));
    const below = lines[at + 1];
    const next = below !== undefined && isNear(line, below) ? below : undefined;
    const own = filiereIn(line.text, index);
    if (calls) {
      const both = next === undefined ? null : filiereIn(`${line.text} ${next.text}`, index);
      const goesOn = next !== undefined && own === null && both !== null;
      found.push({ filiere: own ?? both ?? line.text, lines: goesOn ? [line, next] : [line] });
      return;
    }
    // The code or the name alone, apart from what stands above and below: not a word of a cell.
    const above = lines[at - 1];
    const alone = next === undefined && (above === undefined || !isNear(above, line));
    if (own !== null && alone && isWhole(line.text, index)) found.push({ filiere: own, lines: [line] });
  });
  return found;
}

function isNear(above: Line, below: Line): boolean {
  return below.y - above.y <= NEXT_LINE * Math.max(above.size, below.size);
}

/** "Filière de santé maladies rares FIMARAD – Maladies rares dermatologiques": the one filière that a part of it names. */
function filiereIn(text: string, index: FiliereIndex): string | null {
  const bare = text.replace(/\(suite\)/iu, '');
  const whole = readFiliere(index, bare);
  if (whole.kind === 'one') return whole.code;
  const parts = bare.split(/[–—:(),]| - /u);
  const words = bare.split(/[\s–—:(),]+/u);
  const codes = new Set(
    [...parts, ...words].flatMap((part) => {
      const reading = readFiliere(index, part);
      return reading.kind === 'one' ? [reading.code] : [];
    }),
  );
  const [only] = codes;
  return codes.size === 1 && only !== undefined ? only : null;
}

function isWhole(text: string, index: FiliereIndex): boolean {
  return readFiliere(index, text.replace(/\(suite\)/iu, '')).kind === 'one';
}
