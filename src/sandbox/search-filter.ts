import { fault, type Fault } from './outcome.js';
import type { TypeName } from './model.js';
import { kindOf, testOf } from './search-test.js';
import type { Store, Stored } from './store.js';

type Test = (stored: Stored) => boolean;

const TOKEN = /\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|([^\s()"]+))/y;
const DATE_OPERATORS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sa', 'eb'];

interface Token {
  readonly kind: '(' | ')' | 'word' | 'text';
  readonly text: string;
}

/**
 * `_filter` (FHIR R4, _filter parameter): terms `path operator value`, `and` before `or`, parentheses, `not (…)`. A path
 * is a search parameter, chained or `:above` as in a plain search. @throws Fault 400 on anything else.
 */
export function filterTest(store: Store, type: TypeName, text: string): Test {
  const tokens = tokensOf(text);
  let at = 0;
  const test = either();
  if (at < tokens.length) throw refused(text);
  return test;

  function either(): Test {
    const tests = [both()];
    while (word() === 'or') tests.push((at++, both()));
    return (stored) => tests.some((one) => one(stored));
  }

  function both(): Test {
    const tests = [single()];
    while (word() === 'and') tests.push((at++, single()));
    return (stored) => tests.every((one) => one(stored));
  }

  function single(): Test {
    if (word() === 'not' && tokens[at + 1]?.kind === '(') {
      at++;
      const inner = single();
      return (stored) => !inner(stored);
    }
    if (tokens[at]?.kind !== '(') return term();
    at++;
    const inner = either();
    if (tokens[at++]?.kind !== ')') throw refused(text);
    return inner;
  }

  function term(): Test {
    const [path, operator, value] = [tokens[at++], tokens[at++], tokens[at++]];
    if (
      path?.kind !== 'word' ||
      operator?.kind !== 'word' ||
      (value?.kind !== 'word' && value?.kind !== 'text')
    )
      throw refused(text);
    // A comma means "or" in a plain search, nothing in a filter.
    const literal = value.text.replaceAll(',', '\\,');
    if (kindOf(type, path.text) === 'date' && DATE_OPERATORS.includes(operator.text))
      return testOf(store, type, path.text, `${operator.text}${literal}`);
    const equal = testOf(store, type, path.text, literal);
    if (operator.text === 'eq') return equal;
    if (operator.text === 'ne') return (stored) => !equal(stored);
    throw fault(400, 'not-supported', `Opérateur de _filter non pris en charge : « ${operator.text} ».`);
  }

  function word(): string | null {
    const token = tokens[at];
    return token?.kind === 'word' ? token.text : null;
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match === null) throw refused(text);
    const [, open, close, quoted, word] = match;
    if (open !== undefined) tokens.push({ kind: '(', text: open });
    else if (close !== undefined) tokens.push({ kind: ')', text: close });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replace(/\\(.)/g, '$1') });
    else tokens.push({ kind: 'word', text: word ?? '' });
  }
  return tokens;
}

function refused(text: string): Fault {
  return fault(400, 'invalid', `_filter illisible : « ${text} ».`, '_filter');
}
