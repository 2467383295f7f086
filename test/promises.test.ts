import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot, readYaml } from '../src/config/files.js';

const promise = {
  id: z.string().regex(/^[a-z0-9-]+$/),
  rule: z.int().min(1).max(10),
  sentence: z.string().min(10),
};
const promisesSchema = z.strictObject({
  promises: z.array(
    z.strictObject({
      ...promise,
      level: z.enum(['behaviour', 'property', 'integration', 'conformance', 'remote', 'crash', 'browser']),
      proof: z.array(z.strictObject({ file: z.string(), test: z.string() })).min(1),
    }),
  ),
  planned: z.array(z.strictObject({ ...promise, reason: z.string().min(10) })),
});

const { promises, planned } = promisesSchema.parse(readYaml(join(packageRoot, 'ops', 'promises.yaml')));

/** Titles of the tests of a file that do run: `it('…')`, `it.each(…)('…')`, `it.skipIf(…)('…')`, not `it.skip`. */
function titlesOf(text: string): string[] {
  const source = ts.createSourceFile('test.ts', text, ts.ScriptTarget.Latest);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && runsATest(node.expression)) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

function runsATest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'it' || callee.text === 'test';
  if (ts.isCallExpression(callee)) return runsATest(callee.expression);
  if (!ts.isPropertyAccessExpression(callee)) return false;
  return !['skip', 'todo', 'fails'].includes(callee.name.text) && runsATest(callee.expression);
}

describe('ops/promises.yaml', () => {
  it('names for each promise a test that exists and runs', () => {
    const missing: string[] = [];
    for (const { id, proof } of promises) {
      for (const { file, test } of proof) {
        const path = join(packageRoot, file);
        const titles = existsSync(path) ? titlesOf(readFileSync(path, 'utf8')) : [];
        if (!titles.includes(test)) missing.push(`${id}: no test « ${test} » in ${file}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('gives each promise an id of its own', () => {
    const ids = [...promises, ...planned].map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('leaves none of the ten rules without a promise', () => {
    const kept = new Set(promises.map(({ rule }) => rule));
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((rule) => !kept.has(rule))).toEqual([]);
  });

  it('would notice a test that is renamed, skipped or only written in a comment', () => {
    const text = `
      it('stands', () => {});
      it.each([1])('stands for %i', () => {});
      it.skipIf(away)('stands when it can', () => {});
      it.skip('is skipped', () => {});
      it.todo('is to come');
      // it('is a comment', () => {});
      describe('is a group', () => {});`;
    expect(titlesOf(text)).toEqual(['stands', 'stands for %i', 'stands when it can']);
  });
});
