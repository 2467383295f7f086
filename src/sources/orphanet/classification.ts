import type { JsonObject } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import { orphanetKey, type OrphanetMember } from '../../domain/orphanet.js';
import { UNREAD } from '../../domain/rows.js';
import { aside, badCode, codeOf, type Outcome } from './read.js';

/** A classification under way. */
interface Tree {
  readonly number: string;
  /** Nodes open, the first one being a root. */
  depth: number;
  nodes: number;
  root: { readonly code: string; readonly locator: Locator } | null;
  /** Where each code was first seen under this root. */
  readonly members: Map<string, Locator>;
  readonly faults: { readonly record: JsonObject; readonly locator: Locator }[];
}

/**
 * Walks classifications (product 3) as they stream: a node is a disorder and the nodes below it. Memory holds the codes
 * under one root and the pairs already given. A disorder that stands several times under one root is one member.
 */
export class ClassificationWalk {
  readonly #given = new Set<string>();
  readonly #roots = new Set<string>();
  #tree: Tree | null = null;

  /** @param number attribute `id` of the classification */
  openClassification(number: string): void {
    this.#tree = { number, depth: 0, nodes: 0, root: null, members: new Map(), faults: [] };
  }

  openNode(): void {
    if (this.#tree === null) return;
    this.#tree.depth++;
    this.#tree.nodes++;
  }

  /** Path of the node under way, from the list of classifications. */
  get place(): string {
    const tree = this.#tree;
    return `Classification[@id=${tree?.number ?? ''}], nœud ${String(tree?.nodes ?? 0)}`;
  }

  /** What the node under way is. */
  disorder(record: JsonObject, locator: Locator): void {
    const tree = this.#tree;
    if (tree === null) return;
    const code = codeOf(record);
    if (code === null) tree.faults.push({ record, locator });
    else {
      if (tree.depth === 1) tree.root = { code, locator };
      if (!tree.members.has(code)) tree.members.set(code, locator);
    }
  }

  /** @returns what stands under a root, once it is closed */
  closeNode(): readonly Outcome[] {
    const tree = this.#tree;
    if (tree === null) return [];
    tree.depth--;
    return tree.depth === 0 ? this.#told(tree) : [];
  }

  #told(tree: Tree): readonly Outcome[] {
    const { root, members, faults, number } = tree;
    const outcomes: Outcome[] = faults.map(({ record, locator }) =>
      badCode(record, locator, `${UNREAD}|${root?.code ?? UNREAD}`),
    );
    if (root !== null) {
      if (this.#roots.has(root.code)) outcomes.push(repeated(number, root));
      this.#roots.add(root.code);
      for (const [orphaCode, locator] of members) {
        const value: OrphanetMember = { kind: 'member', orphaCode, root: root.code, classification: number };
        const key = orphanetKey(value);
        if (this.#given.has(key)) continue;
        this.#given.add(key);
        outcomes.push({ kind: 'row', locator, key, value });
      }
    }
    this.#tree = { number, depth: 0, nodes: tree.nodes, root: null, members: new Map(), faults: [] };
    return outcomes;
  }
}

function repeated(
  number: string,
  { code, locator }: { readonly code: string; readonly locator: Locator },
): Outcome {
  return aside(
    {
      code: 'DUPLICATE',
      field: 'Classification',
      value: number,
      message: `La classification ${number} (racine ORPHA:${code}) est donnée plusieurs fois : ce qu’elle dit est réuni.`,
      remedy: 'vérifiez que le fichier n’est pas fait de deux éditions mises bout à bout.',
    },
    locator,
    `${code}|${code}`,
  );
}
