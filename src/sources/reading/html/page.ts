import { selectAll } from 'css-select';
import { DomHandler, Parser, type DomUtils } from 'htmlparser2';
import { DataError, SourceError } from '../../../domain/errors.js';
import { tidy } from '../../../normalise/text.js';
import type { SourceInput } from '../../contract.js';

/** Deepest nesting read. Page builders of public sites reach 40; far deeper is a fault or an attack. */
const MAX_DEPTH = 512;
/** Characters of a page. The largest one that a list was seen in holds 2 million. */
const MAX_CHARACTERS = 16 * 1024 ** 2;

/** An element of the tree that the library makes. */
export type PageElement = Parameters<typeof DomUtils.getAttributeValue>[0];
type Node = PageElement['children'][number];

function isElement(node: Node): node is PageElement {
  return 'attribs' in node;
}

export interface Page {
  /** @throws DataError `CFG_SELECTOR` for a selector that is none. */
  readonly select: (selector: string, option: string) => readonly PageElement[];
  /** True when the page itself closes the element: false when it was cut, or never written to its end. */
  readonly isClosed: (element: PageElement) => boolean;
}

/** @throws SourceError `SRC_TOO_LARGE`, `SRC_HTML_DEPTH` */
export async function readPage(input: SourceInput, text: AsyncIterable<string>): Promise<Page> {
  const open = new WeakSet<PageElement>();
  const dom = new DomHandler();
  const parser = new Parser(boundedTree(input, dom, open));
  let characters = 0;
  for await (const chunk of text) {
    characters += chunk.length;
    if (characters > MAX_CHARACTERS) throw tooLarge(input);
    parser.write(chunk);
  }
  parser.end();
  return {
    select: (selector, option) => {
      try {
        return selectAll<Node, PageElement>(selector, dom.root);
      } catch (cause) {
        throw wrongSelector(selector, option, cause);
      }
    },
    isClosed: (element) => !open.has(element),
  };
}

/** The handler of the tree, told how deep it is and which elements only the end of the text closed. */
function boundedTree(
  input: SourceInput,
  dom: DomHandler,
  open: WeakSet<PageElement>,
): ConstructorParameters<typeof Parser>[0] {
  const stack: PageElement[] = [];
  return {
    onparserinit: (parser) => dom.onparserinit(parser),
    onopentag: (name, attributes) => {
      if (stack.length >= MAX_DEPTH) throw tooDeep(input);
      const parent = stack.at(-1) ?? dom.root;
      dom.onopentag(name, attributes);
      stack.push(parent.children.at(-1) as PageElement);
    },
    onclosetag: (_name, implied) => {
      const element = stack.pop();
      if (implied && element !== undefined) open.add(element);
      dom.onclosetag();
    },
    ontext: (data) => dom.ontext(data),
    onend: () => dom.onend(),
  };
}

/** Elements whose content nobody reads on the page. */
const UNSEEN = new Set(['script', 'style', 'template', 'noscript', 'head', 'title', 'select', 'textarea']);
/** Elements in whose middle a line does not break: `sept<sup>bre</sup>` is one word, `Caen<br>Rouen` are two. */
const INLINE = new Set(
  'a abbr b bdi bdo big cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);

const NOTHING: ReadonlySet<string> = new Set();

/**
 * What a person reads in an element, tidied: neither scripts nor hidden parts; a picture by the text that stands for it.
 * @param walls elements that are passed over with what they hold
 */
export function visibleText(element: PageElement, walls = NOTHING): string {
  const parts: string[] = [];
  const visit = (node: PageElement): void => {
    if (UNSEEN.has(node.name) || walls.has(node.name) || isHidden(node)) return;
    const around = INLINE.has(node.name) ? '' : ' ';
    parts.push(around);
    if (node.name === 'img') parts.push(node.attribs['alt'] ?? '');
    for (const child of node.children) {
      if (isElement(child)) visit(child);
      else if ('data' in child) parts.push(child.data);
    }
    parts.push(around);
  };
  visit(element);
  return tidy(parts.join(''));
}

function isHidden({ attribs }: PageElement): boolean {
  return 'hidden' in attribs || /(?:^|;)\s*display\s*:\s*none\b/i.test(attribs['style'] ?? '');
}

/** Elements of the given names under one, in order, without entering a `wall`. */
export function* within(
  element: PageElement,
  names: ReadonlySet<string>,
  walls: ReadonlySet<string>,
): Generator<PageElement, void, undefined> {
  // Not by recursion: each element would be handed over as often as it is deep.
  const open = [{ children: element.children, at: 0 }];
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const child = last.children[last.at++];
    if (child === undefined) open.pop();
    else if (!isElement(child)) continue;
    else if (names.has(child.name)) yield child;
    else if (!walls.has(child.name)) open.push({ children: child.children, at: 0 });
  }
}

function wrongSelector(selector: string, option: string, cause: unknown): DataError {
  return new DataError({
    code: 'CFG_SELECTOR',
    message: `« ${selector} » n’est pas un sélecteur CSS.`,
    place: `sources.yaml, ${option}`,
    remedy: 'écrivez par exemple « table », « #avancement » ou « .contenu table ».',
    cause,
  });
}

function tooDeep(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_HTML_DEPTH',
    message: `La page emboîte plus de ${String(MAX_DEPTH)} éléments : elle n’est pas lue.`,
    place: input.fileName,
    remedy:
      'ouvrez la page dans un navigateur, et recopiez le tableau dans un CSV si elle est bien la bonne.',
  });
}

function tooLarge(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_TOO_LARGE',
    message: `La page dépasse ${String(MAX_CHARACTERS / 1024 ** 2)} millions de caractères.`,
    place: input.fileName,
    remedy: 'vérifiez que l’adresse est bien celle de la page du tableau.',
  });
}
