import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ZodType } from 'zod';
import { filrorProgram } from '../../src/cli/program.js';
import { packageRoot } from '../../src/config/files.js';
import { fhirConfig } from '../../src/config/schema/fhir.js';
import { mailConfig } from '../../src/config/schema/mail.js';
import { webConfig } from '../../src/config/schema/web.js';
import { routes } from '../../src/web/routes.js';

/** What the guides and README.md say can be typed, clicked and opened: each is held against the program itself. */
const FOLDER = join(packageRoot, 'ops', 'guides');
const guides = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, file: join(FOLDER, name), text: readFileSync(join(FOLDER, name), 'utf8') }));
const readme = { name: 'README.md', file: join(packageRoot, 'README.md'), text: '' };
readme.text = readFileSync(readme.file, 'utf8');

/** Content of fenced blocks, and what is left without them. */
function fenced(text: string): { blocks: { language: string; body: string }[]; rest: string } {
  const blocks: { language: string; body: string }[] = [];
  const rest = text.replaceAll(
    /^( *)```(\w*)\n([^]*?)^ *```$/gm,
    (_all, _indent, language: string, body: string) => {
      blocks.push({ language, body });
      return '';
    },
  );
  return { blocks, rest };
}

/** Words of a command line as a shell cuts them; a comment ends it. */
function words(line: string): string[] {
  return [...line.replace(/ #.*$/, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

/** The program as it is, except that a command that was understood does nothing and one that was not throws. */
async function harmless(): Promise<Command> {
  const program = await filrorProgram({ env: {}, out: () => Promise.resolve(), err: () => undefined });
  const walk = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    if (command.commands.length === 0) command.action(() => undefined);
    command.commands.forEach(walk);
  };
  walk(program);
  return program;
}

async function refusalOf(line: string): Promise<string | null> {
  try {
    await (await harmless()).parseAsync(words(line).slice(1), { from: 'user' });
    return null;
  } catch (error) {
    return `${line}: ${(error as Error).message}`;
  }
}

/** A command named in a sentence: it and its options exist, whatever is left out. */
async function unknownIn(mention: string): Promise<string | null> {
  let command = await harmless();
  const left = words(mention).slice(1);
  while (left.length > 0) {
    const next = command.commands.find((each) => each.name() === left[0]);
    if (next === undefined) break;
    command = next;
    left.shift();
  }
  const known = new Set(command.options.flatMap(({ long, short }) => [long, short]));
  const unknown = left.filter((word) => /^--?[a-z]/.test(word) && !known.has(word));
  if (command.commands.length > 0 && left.length > 0) return `${mention}: no such command`;
  return unknown.length === 0 ? null : `${mention}: ${unknown.join(' ')}`;
}

const commandsOf = (text: string): string[] =>
  fenced(text).blocks.flatMap(({ body }) =>
    body.split('\n').flatMap((line) => /^\s*(?:npx )?(filror [^|]*)/.exec(line)?.[1]?.trim() ?? []),
  );

describe.each([...guides, readme])('$name', ({ file, text }) => {
  it('shows command lines that the program understands as they stand', async () => {
    const lines = commandsOf(text).filter((line) => !line.includes('…'));
    const refused = (await Promise.all(lines.map(refusalOf))).filter((each) => each !== null);
    expect(refused).toEqual([]);
  });

  it('names commands and options that exist', async () => {
    const mentions = [...fenced(text).rest.matchAll(/`(filror [^`]+)`/g)].map(([, mention = '']) => mention);
    expect((await Promise.all(mentions.map(unknownIn))).filter((each) => each !== null)).toEqual([]);
  });

  it('links to files that exist', () => {
    const links = [...fenced(text).rest.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(dirname(file), path)))).toEqual([]);
  });
});

describe('a guide that is wrong', () => {
  it('is found out: unknown command, unknown option, option left out, value that is none', async () => {
    expect(await unknownIn('filror queue lst')).toBe('filror queue lst: no such command');
    expect(await unknownIn('filror apply --resum')).toBe('filror apply --resum: --resum');
    for (const line of [
      'filror aply --region 28',
      'filror apply --region 28 --resum',
      'filror grant give --region 28 --issuer https://connexion.exemple.fr --role administrator',
      'filror grant give --region 28 --issuer https://connexion.exemple.fr --subject abc --role chef',
    ])
      expect(await refusalOf(line)).toContain(line);
  });
});

/** Every word that the product can say, with single spaces: what a guide quotes must be among them. */
const sources = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(packageRoot, 'src', name), 'utf8'))
  .join('\n');
const plain = (text: string): string => text.replaceAll(/[\s\u00a0\u202f]+/g, ' ').trim();
const said = plain(sources);

describe('the guides', () => {
  const menu = new Set([...routes.flatMap((route) => route.menu ?? []), 'Connexion']);

  it.each(guides)('$name names pages by their place in the menu', ({ text }) => {
    const flat = plain(text);
    const named = [...flat.matchAll(/\bpages? ((?:« [^»]+ »(?:, | et )?)+)/gi)].flatMap(([, list = '']) =>
      [...list.matchAll(/« ([^»]+) »/g)].map(([, name = '']) => name),
    );
    expect(named.filter((name) => !menu.has(name))).toEqual([]);
  });

  it.each(guides)('$name quotes what the product says, word for word', ({ text }) => {
    const quoted = [...plain(fenced(text).rest).matchAll(/« ([^»]+) »/g)].map(([, words = '']) => words);
    expect(quoted.filter((words) => !said.includes(words) && !menu.has(words))).toEqual([]);
  });

  it('together mention every page of the menu', () => {
    const all = plain(guides.map(({ text }) => text).join('\n'));
    expect([...menu].filter((name) => !all.includes(`« ${name} »`))).toEqual([]);
  });

  it('show configuration that the schemas take', () => {
    const blocks = guides.flatMap(({ name, text }) =>
      fenced(text)
        .blocks.filter(({ language }) => language === 'yaml')
        .map(({ body }) => ({ name, body: parse(body) as Record<string, unknown> })),
    );
    const schemaOf = (body: Record<string, unknown>): ZodType | null =>
      'canonical' in body
        ? fhirConfig
        : 'publicUrl' in body || 'issuers' in body
          ? webConfig
          : 'digestTime' in body
            ? mailConfig
            : null;
    const checked = blocks.flatMap(({ name, body }) => {
      const schema = schemaOf(body);
      return schema === null ? [] : [{ name, fault: schema.safeParse(body).error?.message ?? null }];
    });
    expect(checked.filter(({ fault }) => fault !== null)).toEqual([]);
    expect(checked.map(({ name }) => name)).toEqual([
      ...Array.from({ length: 2 }, () => 'exploiter-filror.md'),
      'recevoir-le-courrier.md',
      ...Array.from({ length: 3 }, () => 'se-connecter.md'),
    ]);
  });

  it('are all linked from README.md', () => {
    const linked = guides.filter(({ file }) => readme.text.includes(relative(packageRoot, file)));
    expect(linked.length).toBe(guides.length);
  });
});
