import { z } from 'zod';
import { codeSystemSchema, crosswalkSchema } from './schema/codes.js';
import { followupConfig } from './schema/followup.js';
import { gateLevelsSchema } from './schema/gate-rules.js';
import { gateRulesSchema } from './schema/gates.js';
import { fhirConfig } from './schema/fhir.js';
import { mailConfig } from './schema/mail.js';
import { matchingSchema } from './schema/matching.js';
import { regionSchema } from './schema/region.js';
import { reviewConfig } from './schema/review.js';
import { rorDefaultsSchema } from './schema/ror-defaults.js';
import { scheduleConfig } from './schema/schedule.js';
import { sourcesConfig } from './schema/sources.js';
import { webConfig } from './schema/web.js';

const FILES: readonly (readonly [string, z.ZodType])[] = [
  ['regions/<code>.yaml', regionSchema],
  ['sources.yaml', sourcesConfig],
  ['schedule.yaml', scheduleConfig],
  ['followup.yaml', followupConfig],
  ['web.yaml', webConfig],
  ['mail.yaml', mailConfig],
  ['fhir.yaml', fhirConfig],
  ['gates.yaml', gateRulesSchema],
  ['gate-rules.yaml', gateLevelsSchema],
  ['review.yaml', reviewConfig],
  ['matching.yaml', matchingSchema],
  ['ror-defaults.yaml', rorDefaultsSchema],
  ['crosswalk.yaml', crosswalkSchema],
  ['codes/*.yaml', codeSystemSchema],
];

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

/** The reference page of the configuration, made from the schemas: it cannot say anything else than what is checked. */
export function referencePage(): string {
  const parts = FILES.map(([file, schema]) => {
    const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node;
    const rows = [...walk(root, '')].map(
      ([path, node]) =>
        `| \`${path}\` | ${expected(node)} | ${byDefault(node)} | ${cell(node.description ?? '')} |`,
    );
    return `## ${file}\n\n| Option | Attendu | Défaut | Sens |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `# Configuration\n\nPage produite par \`npm run reference\` à partir des schémas de \`src/config/schema\` ; ne pas la modifier à la main.\nUn dossier donné par \`--config\` (ou \`FILROR_CONFIG\`) remplace, fichier par fichier, celui qui est livré.\nUn fichier .yaml d’un autre nom que ceux d’ici est refusé par « filror config check » : personne ne le lirait. Un fichier\n.csv (une liste, à donner par --source ou dans sources.yaml) peut porter le nom que vous voulez.\n\n${parts.join('\n')}`;
}

function* walk(node: Node, path: string): Iterable<readonly [string, Node]> {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const here = path === '' ? name : `${path}.${name}`;
    if (child.properties === undefined) yield [here, child];
    yield* walk(child, here);
  }
  if (typeof node.additionalProperties === 'object') {
    yield* walk(node.additionalProperties, path === '' ? '<nom>' : `${path}.<nom>`);
  }
  if (node.items !== undefined) yield* walk(node.items, `${path}[]`);
  for (const other of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) yield* walk(other, path);
}

function expected(node: Node): string {
  if (node.const !== undefined) return cell(String(node.const));
  if (node.enum !== undefined) return cell(node.enum.map(String).join(', '));
  const bounds =
    node.minimum === undefined && node.maximum === undefined
      ? ''
      : ` ${node.minimum ?? '…'} à ${node.maximum === Number.MAX_SAFE_INTEGER ? '…' : (node.maximum ?? '…')}`;
  const words: Readonly<Record<string, string>> = {
    string: 'texte',
    integer: 'entier',
    number: 'nombre',
    boolean: 'true ou false',
    array: 'liste',
    object: 'bloc',
    null: 'vide',
  };
  const type =
    words[node.type ?? ''] ?? [...(node.anyOf ?? []), ...(node.oneOf ?? [])].map(expected).join(' ou ');
  return cell(`${type}${bounds}${node.pattern === undefined ? '' : ` (${node.pattern})`}`);
}

function byDefault(node: Node): string {
  return node.default === undefined ? '' : cell(`\`${JSON.stringify(node.default)}\``);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();
}
