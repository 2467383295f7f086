import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { routes } from '../../src/web/routes.js';

/**
 * Whoever reads a refusal on a page has no terminal: a text that names a command, or an option of one, says as well where
 * on the pages, or who has the terminal.
 */
const SRC = join(import.meta.dirname, '../../src');
/** Folders whose refusals a page may show, or the page of a run. */
const SHOWN = [
  ...['apply', 'followup', 'http', 'mail', 'matching', 'mirror', 'plan', 'review', 'ror', 'runs'],
  ...['schedule', 'sources', 'web', 'workbook'],
];
/** Asked and told at the terminal only. */
const TERMINAL = ['followup/print.ts', 'ror/region-check.ts', 'web/issuers.ts'];
const TEXT = /'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
const COMMAND =
  /filror (?:agree|apply|approve|attach|changes|close|complete|config|create|db|grant|journal|match|mirror|order|queue|region|reject|reopen|schedule|show|sync|task|undo|withdraw)\b|(?<![\w-])--[a-z]/;
const ELSEWHERE = /page|au terminal|l’exploitant/;

const told = SHOWN.flatMap((folder) =>
  readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith('.ts') && !TERMINAL.includes(file)),
).flatMap((file) => {
  // Comments hold apostrophes, and nobody is shown them.
  const code = readFileSync(join(SRC, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return [...code.matchAll(TEXT)].map(([text]) => ({ file, text }));
});

it('every text that names a command says where else it is done', () => {
  // A sentence: an option alone is a place, and the French words around it are looked at elsewhere.
  const sentences = told.filter(({ text }) => COMMAND.test(text) && /[.;:] |filror /.test(text));
  expect(sentences.length).toBeGreaterThan(25);
  expect(sentences.filter(({ text }) => !ELSEWHERE.test(text))).toEqual([]);
});

it('every page that a text names is in the menu', () => {
  const menu = new Set(routes.flatMap(({ menu: name }) => name ?? []));
  const named = told.flatMap(({ file, text }) =>
    [...text.matchAll(/\bpage « ([^»]+) »/g)].map(([, name = '']) => ({ file, name })),
  );
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter(({ name }) => !menu.has(name))).toEqual([]);
});
