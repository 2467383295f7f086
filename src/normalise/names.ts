import { fold } from './text.js';
import {
  ABBREVIATIONS,
  JOINED,
  KIND_WORDS,
  LEGAL_FORMS,
  ORNAMENTS,
  PARTICLES,
  TYPE_PHRASES,
  UNIT_PHRASES,
  UNIT_WORDS,
  type HospitalType,
} from './name-words.js';

export { OPENINGS, type HospitalType } from './name-words.js';

/** A hospital name read: what it claims to be, the words proper to it, and whether it is only a part of a hospital. */
export interface HospitalName {
  readonly types: readonly HospitalType[];
  /** Words that are neither type nor particle, in order, each once. */
  readonly words: readonly string[];
  /** Proper words that stand after "site", when the name says "X site Y": they name the site, the others the brand. */
  readonly siteWords: readonly string[] | null;
  /** Kinds said of itself: all but those of `siteTypes`. */
  readonly ownTypes: readonly HospitalType[];
  /** Kinds said after "site": what stands there is a hospital by itself ("SITE HP SAINT MARTIN"). */
  readonly siteTypes: readonly HospitalType[];
  /** Unit words met ("cmp", "radiotherapie"): the name is that of a part. */
  readonly units: readonly string[];
  /** Type codes met before the first proper word, in order ("crlcc" of "CRLCC François Baclesse"). */
  readonly codes: readonly string[];
  /** The name word for word, its types as codes, abbreviations spelt out and particles left out: what a cut name begins. */
  readonly text: string;
  /** It stops after an article or a preposition ("CENTRE DE SOINS DE SUITE L"): a column cut it. */
  readonly isOpen: boolean;
  /** Initials such as `ghbs` or `chits` that the whole name, or its beginning, gives; with how many words each covers. */
  readonly acronyms: readonly { readonly text: string; readonly words: number }[];
}

const UNITS = new Set(UNIT_WORDS);
const TYPES = byFirstWord(
  TYPE_PHRASES.map(([phrase, type, code]) => ({ words: phrase.split(' '), type, code })),
);
const TYPE_CODES = new Set(TYPE_PHRASES.map(([, , code]) => code).filter((code) => code.length > 1));
const JOINS = byFirstWord(JOINED.map(([phrase, word]) => ({ words: phrase.split(' '), word })));
const UNIT_LISTS = byFirstWord(UNIT_PHRASES.map((phrase) => ({ words: phrase.split(' ') })));
const TYPE_WORDS = ['hospitalier', 'universitaire', 'intercommunal', 'regional', 'hopital', 'clinique'];
/** Psychiatric sectors stand in names as `14G01` or `50I03`, entire or cut by a space. */
const NUMBERED_CHU = /^(chu|chru|chr)[0-9]{2}$/;
const SECTOR = /^[0-9]{2}[gi]([0-9]{2})?$/;

/** Reads a hospital name as written anywhere. Case, accents, Unicode form and punctuation play no part. */
export function readHospitalName(written: string): HospitalName {
  const tokens = join(expand(fold(written.replace(/[’']/g, ' '))));
  const types = new Set<HospitalType>();
  const words: string[] = [];
  const units: string[] = [];
  const initials: string[] = [];
  const text: string[] = [];
  const ownTypes = new Set<HospitalType>();
  const siteTypes = new Set<HospitalType>();
  let siteWords: string[] | null = null;
  for (let i = 0; i < tokens.length;) {
    const token = tokens[i] ?? '';
    const unitPhrase = UNIT_LISTS.get(token)?.find(({ words: phrase }) => startsWith(tokens, i, phrase));
    if (unitPhrase !== undefined) {
      units.push(unitPhrase.words.join(' '));
      text.push(...unitPhrase.words);
      i += unitPhrase.words.length;
      continue;
    }
    const type = TYPES.get(token)?.find((candidate) => startsWith(tokens, i, candidate.words));
    if (type !== undefined) {
      types.add(type.type);
      (siteWords === null ? ownTypes : siteTypes).add(type.type);
      text.push(type.code);
      if (words.length === 0) initials.push(type.code);
      i += type.words.length;
      continue;
    }
    i++;
    if (NUMBERED_CHU.test(token)) {
      // "CHU38": FINESS writes the département in the place of the town.
      types.add('chu');
      ownTypes.add('chu');
      continue;
    }
    if (PARTICLES.has(token) || LEGAL_FORMS.has(token)) continue;
    text.push(token);
    if (token === 'site' || token === 'sites') siteWords = [];
    else if (UNITS.has(token) || SECTOR.test(token)) units.push(token);
    else {
      if (!words.includes(token)) words.push(token);
      siteWords?.push(token);
    }
  }
  return {
    types: [...types],
    words,
    siteWords,
    units,
    codes: initials,
    text: text.join(' '),
    isOpen: PARTICLES.has(tokens.at(-1) ?? ''),
    ownTypes: [...ownTypes],
    siteTypes: [...siteTypes],
    acronyms: acronymsOf(initials.join(''), words),
  };
}

/** Words of a town: particles and CEDEX left out, `st` written out, so that "Le Petit-Quevilly" meets "Petit Quevilly". */
export function townWords(town: string): readonly string[] {
  return fold(town.replace(/[’']/g, ' '))
    .replace(/\b(cedex|cede|ced)\b.*$/, '')
    .split(' ')
    .filter((word) => word !== '' && !PARTICLES.has(word) && !/^[0-9]+$/.test(word))
    .map((word) => (word === 'st' ? 'saint' : word === 'ste' ? 'sainte' : word));
}

export function isOrnament(word: string): boolean {
  return ORNAMENTS.has(word);
}

/** "Medical", "prive": a word that completes the kind. */
export function isKindWord(word: string): boolean {
  return KIND_WORDS.has(word);
}

function acronymsOf(start: string, words: readonly string[]): HospitalName['acronyms'] {
  const found: { text: string; words: number }[] = [];
  for (let count = words.length; count >= 1; count--) {
    const text =
      start +
      words
        .slice(0, count)
        .map((word) => word[0])
        .join('');
    if (text.length >= 3) found.push({ text, words: count });
  }
  return found;
}

/** Spells out abbreviations, joins "C H U" and completes a type word cut at the end ("universitai"). */
function expand(folded: string): string[] {
  const out: string[] = [];
  const tokens = folded === '' ? [] : folded.split(' ');
  for (let i = 0; i < tokens.length; i++) {
    const letters = tokens.slice(i, i + 5).findIndex((token) => token.length > 1);
    const run = letters === -1 ? Math.min(5, tokens.length - i) : letters;
    let joined = '';
    for (let size = run; size >= 2 && joined === ''; size--) {
      const text = tokens.slice(i, i + size).join('');
      if (TYPE_CODES.has(text) || text === 'aphp' || text === 'aphm' || text === 'hcl') joined = text;
    }
    if (joined !== '') {
      out.push(joined);
      i += joined.length - 1;
      continue;
    }
    const token = tokens[i] ?? '';
    const whole = ABBREVIATIONS[token] ?? token;
    const isLast = i === tokens.length - 1;
    const cut = isLast && whole.length >= 5 && TYPE_WORDS.find((word) => word.startsWith(whole));
    out.push(cut === undefined || cut === false ? whole : cut);
  }
  return out;
}

function join(tokens: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < tokens.length;) {
    const phrase = JOINS.get(tokens[i] ?? '')?.find((candidate) => startsWith(tokens, i, candidate.words));
    out.push(phrase?.word ?? tokens[i] ?? '');
    i += phrase?.words.length ?? 1;
  }
  return out;
}

function byFirstWord<T extends { readonly words: readonly string[] }>(
  phrases: readonly T[],
): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const phrase of phrases) {
    const first = phrase.words[0] ?? '';
    map.set(first, [...(map.get(first) ?? []), phrase]);
  }
  return map;
}

function startsWith(tokens: readonly string[], at: number, phrase: readonly string[]): boolean {
  return phrase.every((word, offset) => tokens[at + offset] === word);
}
