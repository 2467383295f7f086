import { YAMLParseError, type ErrorCode } from 'yaml';

/** What the reader's codes mean to the person who wrote the line (https://eemeli.org/yaml/#errors). */
const FAULTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  ALIAS_PROPS: 'un alias (*) ne prend ni ancre ni étiquette',
  BAD_ALIAS: 'cet alias (*) est incomplet',
  BAD_COLLECTION_TYPE: 'l’étiquette ne convient pas à ce qui suit',
  BAD_DIRECTIVE: 'cette directive (%) est inconnue',
  BAD_DQ_ESCAPE: 'une barre oblique inverse de trop entre guillemets doubles : écrivez entre apostrophes',
  BAD_INDENT: 'l’indentation ne va pas, ou un crochet ou une accolade n’est pas fermé',
  BAD_PROP_ORDER: 'une ancre ou une étiquette est mal placée',
  BAD_SCALAR_START: 'cette valeur commence par un caractère réservé : mettez-la entre guillemets',
  BLOCK_AS_IMPLICIT_KEY:
    'deux « : » sur la même ligne : mettez la valeur entre guillemets, ou allez à la ligne',
  BLOCK_IN_FLOW: 'une liste en retrait est écrite entre crochets ou accolades',
  DUPLICATE_KEY: 'cette clé est donnée deux fois',
  KEY_OVER_1024_CHARS: 'cette clé dépasse 1 024 caractères : il manque sans doute un « : »',
  MISSING_CHAR: 'il manque un caractère : guillemet, crochet, virgule, espace ou « : »',
  MULTILINE_IMPLICIT_KEY: 'une clé tient sur une ligne : il manque sans doute un « : »',
  MULTIPLE_ANCHORS: 'une seule ancre (&) par valeur',
  MULTIPLE_DOCS: 'un seul document par fichier : ôtez « --- »',
  MULTIPLE_TAGS: 'une seule étiquette (!) par valeur',
  TAB_AS_INDENT: 'une tabulation sert d’indentation : mettez des espaces',
  TAG_RESOLVE_FAILED: 'cette étiquette (!) est inconnue ou ne convient pas à la valeur',
  UNEXPECTED_TOKEN: 'rien de tel n’est attendu ici : indentation, guillemet ou « : » mal placé',
};

/** Where and what, in French, with the line as it stands: ` ligne 3, colonne 5 : …`. */
export function yamlFault(error: unknown, text: string): string {
  if (!(error instanceof YAMLParseError))
    return 'un alias (*) renvoie à une ancre (&) qui n’est pas définie avant';
  const [start] = error.linePos ?? [];
  const said = FAULTS[error.code] ?? 'l’écriture n’est pas celle de YAML';
  if (start === undefined) return said;
  const line = text.split(/\r?\n/)[start.line - 1]?.trim() ?? '';
  return `ligne ${String(start.line)}, colonne ${String(start.col)} : ${said}${line === '' ? '' : ` (« ${line} »)`}`;
}
