import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { RefusalError } from '../domain/errors.js';

/** First-level elements of HealthcareService that are lists (FHIR R4, and the ROR profile's extensions). */
const LISTS: ReadonlySet<string> = new Set(
  (
    'contained extension modifierExtension identifier category type specialty location telecom coverageArea ' +
    'serviceProvisionCode eligibility program characteristic communication referralMethod availableTime ' +
    'notAvailable endpoint'
  ).split(' '),
);
const ROOT = 'HealthcareService';
/** `HealthcareService.name`, or with a criterion that names an item by what it says. */
const PATH = /^HealthcareService\.([A-Za-z]+)(\.where\([^[\]]*=.*\))?$/s;

/**
 * The last look at a change of an offer before it leaves, whoever composed it. Other access profiles than 1 are shown
 * stripped bodies (api.md, section 3): a PUT, a whole-list `replace` or an index would erase or mistake what they do not
 * see. Only the `add` of one item and the `delete` of one by value may pass in a list (DESIGN 7).
 * @returns null when it may leave
 */
export function refusedWrite(
  accessProfile: number,
  way: 'put' | 'patch',
  bodyText: string,
): RefusalError | null {
  if (accessProfile === 1) return null;
  if (way === 'put') return refusal(accessProfile, 'un PUT remplace toute l’offre');
  const why = operationsOf(bodyText)?.map(unsafe) ?? ['le PATCH ne se lit pas'];
  const found = why.find((each) => each !== null);
  return found === undefined || found === null ? null : refusal(accessProfile, found);
}

type Parts = ReadonlyMap<string, JsonObject>;

function operationsOf(bodyText: string): Parts[] | null {
  let body: unknown;
  try {
    body = JSON.parse(bodyText);
  } catch {
    return null;
  }
  const parameters = isJsonObject(body as Json) ? (body as JsonObject)['parameter'] : undefined;
  if (!Array.isArray(parameters) || parameters.length === 0) return null;
  return (parameters as Json[]).map((operation) => {
    const parts = isJsonObject(operation) ? operation['part'] : undefined;
    const named = Array.isArray(parts) ? (parts as Json[]).filter(isJsonObject) : [];
    return new Map(named.map((part) => [String(part['name']), part]));
  });
}

/** French, why an operation could touch what we do not see; null when it cannot. */
function unsafe(parts: Parts): string | null {
  const type = textOf(parts.get('type'));
  const path = textOf(parts.get('path'));
  const name = textOf(parts.get('name'));
  const whole = path === ROOT ? name : path;
  if (type !== 'add' && type !== 'delete' && type !== 'replace') return `« ${type} » déplace des éléments`;
  if (path === ROOT) {
    if (type === 'add') return isOne(parts.get('value')) ? null : '« add » ajoute plus d’un élément';
    if (type === 'replace' && name !== '' && !LISTS.has(name)) return null;
    return `« ${type} » de ${whole} touche une liste entière`;
  }
  const found = PATH.exec(path);
  if (found === null) return `le chemin ${path} ne désigne pas un élément par sa valeur`;
  const [, element = '', criterion] = found;
  if (!LISTS.has(element)) return criterion === undefined ? null : `le chemin ${path} n’a pas de sens`;
  if (criterion === undefined) return `« ${type} » de ${path} touche une liste entière`;
  return type === 'delete' ? null : `« replace » de ${path} effacerait ce que l’élément a de caché`;
}

/** `valueX` or `value` that is an array would add several items at once. */
function isOne(part: JsonObject | undefined): boolean {
  if (part === undefined) return false;
  const values = Object.entries(part).filter(([name]) => /^value/.test(name) || name === 'part');
  return values.length === 1 && values.every(([name, value]) => name === 'part' || !Array.isArray(value));
}

function textOf(part: JsonObject | undefined): string {
  const value = part?.['valueCode'] ?? part?.['valueString'];
  return typeof value === 'string' ? value : '';
}

function refusal(accessProfile: number, why: string): RefusalError {
  return new RefusalError({
    code: 'ROR_WRITE_BLIND',
    message: `L’écriture n’est pas partie : ${why}, et le profil d’accès ${accessProfile} ne voit pas toute l’offre.`,
    place: 'repository.accessProfile',
    remedy:
      'saisissez ce changement par une fiche, ou demandez au GRADeS le profil d’accès 1 ; la voie « patch » n’ajoute et ne retire qu’un élément à la fois.',
  });
}
