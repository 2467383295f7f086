import type { Public } from '../domain/centre.js';
import { fold } from './text.js';

const ADULT = new Set(['adulte', 'adultes']);
const CHILD = new Set([
  'enfant',
  'enfants',
  'pediatrique',
  'pediatriques',
  'pediatrie',
  'mineurs',
  'adolescents',
]);
const BOTH = new Set(['mixte', 'mixtes']);
const FILLERS = new Set(['et', 'ou', 'public', 'patients', 'age', 'ages', 'l', 'd']);
const WHOLE = new Set(['tous ages', 'tout public', 'tous publics', 'tout age', 'tous']);

/** Whom a centre takes. Null is "not readable", never a default: an empty cell is for the caller to see first. */
export function readPublic(text: string): Public | null {
  if (text.includes('?')) return null;
  const folded = fold(text);
  if (WHOLE.has(folded)) return 'mixte';
  const tokens = folded.split(' ').filter((token) => !FILLERS.has(token));
  if (tokens.length === 0) return null;
  if (!tokens.every((token) => ADULT.has(token) || CHILD.has(token) || BOTH.has(token))) return null;
  const adult = tokens.some((token) => ADULT.has(token));
  const child = tokens.some((token) => CHILD.has(token));
  if (tokens.some((token) => BOTH.has(token)) || (adult && child)) return 'mixte';
  return adult ? 'adulte' : 'pédiatrique';
}
