import type { OrphaCode, OrphanetDisorder, OrphanetRecord } from '../domain/orphanet.js';
import { readOrphaCode } from '../domain/orphanet.js';
import { fold } from '../normalise/text.js';
import { familyOfRoot } from '../sources/orphanet/families.js';

/** A family of TRE_R245 that a disorder belongs to, by a root of Orphanet. */
export interface FoundFamily {
  readonly code: string;
  readonly root: OrphaCode;
  /** The linearisation attributes this root to the disorder. */
  readonly preferred: boolean;
  /** `medium`: the titles of the root and of the family do not say quite the same. */
  readonly confidence: 'high' | 'medium';
}

/** All that the deliveries say of one ORPHAcode. */
export interface OrphanetEntry {
  readonly orphaCode: OrphaCode;
  /** One a language, French first. Empty when no nomenclature was read. */
  readonly names: readonly Pick<OrphanetDisorder, 'lang' | 'name' | 'synonyms'>[];
  readonly status: readonly string[];
  readonly related: readonly OrphaCode[];
  /** By the code of the family. */
  readonly families: readonly FoundFamily[];
  /** Roots that have no family. */
  readonly otherRoots: readonly OrphaCode[];
}

/**
 * Looks disorders up by ORPHAcode or by words of a name or synonym, in any language that was read: accents and case do
 * not count, a word may be given by its beginning.
 */
export class OrphanetIndex {
  readonly #disorders = new Map<OrphaCode, Map<string, OrphanetDisorder>>();
  readonly #roots = new Map<OrphaCode, Set<OrphaCode>>();
  readonly #preferred = new Map<OrphaCode, OrphaCode>();

  /** @param records the most trusted first: where two speak of one thing, the first is kept */
  constructor(records: Iterable<OrphanetRecord>) {
    for (const record of records) this.#add(record);
  }

  /** Which kinds of products were read. */
  get holds(): { readonly names: boolean; readonly families: boolean } {
    return { names: this.#disorders.size > 0, families: this.#roots.size + this.#preferred.size > 0 };
  }

  /** @returns entries, the nearest first; none for a text without letter or digit */
  find(wanted: string): readonly OrphaCode[] {
    const code = readOrphaCode(wanted);
    if (code !== null) return this.#knows(code) ? [code] : [];
    const text = fold(wanted);
    if (text === '') return [];
    const found: { readonly code: OrphaCode; readonly rank: number; readonly name: string }[] = [];
    for (const [orphaCode, inLanguages] of this.#disorders) {
      const [first] = inLanguages.values();
      const ranks = [...inLanguages.values()].flatMap(({ name, synonyms }) => [
        rankOf(fold(name), text),
        ...synonyms.map((synonym) => rankOf(fold(synonym), text) + 0.5),
      ]);
      const rank = Math.min(...ranks);
      if (rank < FAR) found.push({ code: orphaCode, rank, name: fold(first?.name ?? '') });
    }
    return found
      .sort(
        (a, b) =>
          a.rank - b.rank ||
          a.name.length - b.name.length ||
          (a.name < b.name ? -1 : a.name > b.name ? 1 : Number(a.code) - Number(b.code)),
      )
      .map(({ code: orphaCode }) => orphaCode);
  }

  entry(orphaCode: OrphaCode): OrphanetEntry {
    const disorders = [...(this.#disorders.get(orphaCode)?.values() ?? [])].sort(frenchFirst);
    const preferred = this.#preferred.get(orphaCode) ?? null;
    const roots = [
      ...new Set([...(this.#roots.get(orphaCode) ?? []), ...(preferred === null ? [] : [preferred])]),
    ];
    const families = roots.flatMap((root): FoundFamily[] => {
      const one = familyOfRoot(root);
      if (one === null) return [];
      return [{ code: one.family, root, preferred: root === preferred, confidence: one.confidence }];
    });
    return {
      orphaCode,
      names: disorders.map(({ lang, name, synonyms }) => ({ lang, name, synonyms })),
      status: disorders[0]?.status ?? [],
      related: disorders[0]?.related ?? [],
      families: families.sort((a, b) => (a.code < b.code ? -1 : 1)),
      otherRoots: roots.filter((root) => familyOfRoot(root) === null).sort(),
    };
  }

  #add(record: OrphanetRecord): void {
    const { orphaCode } = record;
    switch (record.kind) {
      case 'disorder': {
        const known = this.#disorders.get(orphaCode) ?? new Map<string, OrphanetDisorder>();
        if (!known.has(record.lang)) known.set(record.lang, record);
        this.#disorders.set(orphaCode, known);
        break;
      }
      case 'member':
        this.#roots.set(orphaCode, (this.#roots.get(orphaCode) ?? new Set()).add(record.root));
        break;
      case 'preferred':
        if (!this.#preferred.has(orphaCode)) this.#preferred.set(orphaCode, record.root);
        break;
    }
  }

  #knows(code: OrphaCode): boolean {
    return this.#disorders.has(code) || this.#roots.has(code) || this.#preferred.has(code);
  }
}

const FAR = 9;

/** 0 the same text, 1 its beginning, 2 each word begins one of its words, FAR otherwise. Both folded. */
function rankOf(name: string, wanted: string): number {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  return wanted.split(' ').every((word) => name.startsWith(word) || name.includes(` ${word}`)) ? 2 : FAR;
}

function frenchFirst(a: OrphanetDisorder, b: OrphanetDisorder): number {
  if (a.lang === b.lang) return 0;
  if (a.lang === 'fr' || b.lang === 'fr') return a.lang === 'fr' ? -1 : 1;
  return a.lang < b.lang ? -1 : 1;
}
