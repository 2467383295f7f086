import { isJsonObject, type Json, type JsonObject } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import { readOrphaCode, type OrphanetRecord } from '../../domain/orphanet.js';
import { UNREAD, type AsideRow, type RowOutcome } from '../../domain/rows.js';
import { tidy } from '../../normalise/text.js';
import { MAX_CELL_CHARACTERS, quoted } from '../reading/cells.js';
import { hasControl } from '../reading/content.js';

export type Outcome = RowOutcome<OrphanetRecord>;

/** Products whose records are the elements of a `DisorderList`. */
export type ListProduct = 'nomenclature' | 'linearisation';

/** Elements that may stand several times in a record. */
export const LISTS: readonly string[] = ['Synonym', 'DisorderFlag', 'DisorderDisorderAssociation'];

/** Relation of the linearisation: its number, and its name in the languages that we read. */
const PREFERRED: ReadonlySet<string> = new Set(['21485', 'Preferential parent', 'Parent préférentiel']);

/** What only the nomenclature says of a disorder itself (product 1, nomenclature pack). */
const OF_NOMENCLATURE = ['SynonymList', 'DisorderFlagList', 'SummaryInformationList', 'Totalstatus'];

/** Which product a record is of, told by what it holds; null for one of a product that is not read (genes, signs…). */
export function productOf(record: JsonObject): ListProduct | null {
  if (OF_NOMENCLATURE.some((name) => name in record)) return 'nomenclature';
  return 'DisorderDisorderAssociationList' in record ? 'linearisation' : null;
}

/** One record of the nomenclature, in the language of its name. */
export function readDisorder(record: JsonObject, locator: Locator): Outcome {
  const code = codeOf(record);
  const lang = text(attribute(record['Name'], 'lang'));
  const key = `${code ?? UNREAD}|${/^[a-z]{2}$/.test(lang) ? lang : UNREAD}`;
  if (code === null) return badCode(record, locator, key);
  const name = text(record['Name']);
  const synonyms = children(record['SynonymList'], 'Synonym')
    .map(text)
    .filter((each) => each !== '');
  const fault = textFault([name, ...synonyms]);
  if (fault !== null) return aside(fault, locator, key);
  if (name === '')
    return aside(
      { code: 'NAME_MISSING', field: 'Name', message: `L’entrée ORPHA:${code} n’a pas de nom.` },
      locator,
      key,
    );
  if (!/^[a-z]{2}$/.test(lang))
    return aside(
      {
        code: 'LANGUAGE_UNKNOWN',
        field: 'Name/@lang',
        value: quoted(lang),
        message: `Rien ne dit en quelle langue est le nom de l’entrée ORPHA:${code}.`,
      },
      locator,
      key,
    );
  const value: OrphanetRecord = {
    kind: 'disorder',
    orphaCode: code,
    lang,
    name,
    synonyms: [...new Set(synonyms)].sort(),
    status: statusOf(record),
    related: [...new Set(relationsOf(record).flatMap(({ target }) => readOrphaCode(target) ?? []))].sort(),
  };
  return { kind: 'row', locator, key, value };
}

/**
 * One record of the linearisation; nothing for the head of a classification, which has no parent: its relations are those
 * of its children, whose target is itself and has no code.
 */
export function readPreferred(record: JsonObject, locator: Locator): Outcome | null {
  const code = codeOf(record);
  const key = `${code ?? UNREAD}|preferred`;
  if (code === null) return badCode(record, locator, key);
  const outward = relationsOf(record).filter(({ target }) => target !== '');
  if (outward.length === 0) return null;
  const parents = [
    ...new Set(outward.filter(({ preferred }) => preferred).map(({ target }) => target)),
  ].sort();
  const [root, ...others] = parents;
  const parent = readOrphaCode(root ?? '');
  if (parent === null || others.length > 0)
    return aside(
      {
        code: others.length > 0 ? 'PARENT_AMBIGUOUS' : 'PARENT_UNREADABLE',
        field: 'DisorderDisorderAssociationList',
        value: quoted(parents.join(', ')),
        message: `L’entrée ORPHA:${code} ${others.length > 0 ? 'a plusieurs parents préférentiels' : 'n’a pas de parent préférentiel lisible'}, et elle doit en avoir un.`,
      },
      locator,
      key,
    );
  const value: OrphanetRecord = { kind: 'preferred', orphaCode: code, root: parent };
  return { kind: 'row', locator, key, value };
}

/** `OrphaNumber` in files from before 2020. */
export function codeOf(record: JsonObject): string | null {
  return readOrphaCode(text(record['OrphaCode'] ?? record['OrphaNumber']));
}

export function badCode(record: JsonObject, locator: Locator, key: string): Outcome {
  const written = text(record['OrphaCode'] ?? record['OrphaNumber']);
  return aside(
    {
      code: 'ORPHACODE_INVALID',
      field: 'OrphaCode',
      value: quoted(written),
      message:
        written === '' ? 'L’entrée n’a pas d’ORPHAcode.' : `« ${quoted(written)} » n’est pas un ORPHAcode.`,
    },
    locator,
    key,
  );
}

export function aside(
  fault: Pick<AsideRow, 'code' | 'message'> & Partial<Pick<AsideRow, 'field' | 'value' | 'remedy'>>,
  locator: Locator,
  key: string,
): Outcome {
  const remedy = 'signalez l’élément à Orphanet ; il est laissé de côté, les autres sont lus.';
  return { kind: 'aside', remedy, ...fault, locator, key };
}

/** Texts of the flags (product 1) and of the status (nomenclature pack), as written. */
function statusOf(record: JsonObject): readonly string[] {
  const labels = children(record['DisorderFlagList'], 'DisorderFlag').map((flag) =>
    text(object(flag)['Label']),
  );
  return [...new Set([...labels, text(record['Totalstatus'])])].filter((label) => label !== '').sort();
}

/** Relations to other entries: the code as written, '' where the target is the entry itself. */
function relationsOf(
  record: JsonObject,
): readonly { readonly target: string; readonly preferred: boolean }[] {
  return children(record['DisorderDisorderAssociationList'], 'DisorderDisorderAssociation').map((one) => {
    const { TargetDisorder: target, DisorderDisorderAssociationType: type } = object(one);
    return {
      target: text(object(target)['OrphaCode'] ?? object(target)['OrphaNumber']),
      preferred: [text(attribute(type, 'id')), text(object(type)['Name'])].some((each) =>
        PREFERRED.has(each),
      ),
    };
  });
}

function textFault(texts: readonly string[]): Pick<AsideRow, 'code' | 'value' | 'message'> | null {
  for (const one of texts) {
    if (one.length > MAX_CELL_CHARACTERS)
      return {
        code: 'CELL_TOO_LONG',
        value: quoted(one),
        message: `Un nom compte ${String(one.length)} caractères (${String(MAX_CELL_CHARACTERS)} au plus).`,
      };
    if (hasControl(one))
      return {
        code: 'CONTROL_CHARACTER',
        value: quoted(one),
        message: 'Un nom contient un caractère de contrôle ou illisible.',
      };
  }
  return null;
}

/** Text of an element, whether it has attributes or not; '' when absent. */
function text(value: Json | undefined): string {
  if (typeof value === 'string') return tidy(value);
  return isJsonObject(value) && typeof value['#text'] === 'string' ? tidy(value['#text']) : '';
}

function attribute(value: Json | undefined, name: string): Json | undefined {
  return object(value)[`@${name}`];
}

function children(value: Json | undefined, name: string): readonly Json[] {
  const found = object(value)[name];
  return Array.isArray(found) ? (found as Json[]) : [];
}

function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
