import { didYouMean } from '../domain/nearest.js';
import { ENRICHED_ONLY, PARAMETERS, type SearchedType } from '../publish/parameters.js';
import type { Base } from '../publish/views.js';
import { namedBy } from './includes.js';
import { unsupported, type Fault } from './outcome.js';
import { shown } from './values.js';

/** What a search knows besides the parameters of its type. */
const GENERAL = [
  ...['_count', '_sort', '_total', '_elements', '_summary', '_format'],
  ...['_include', '_include:iterate', '_revinclude', '_revinclude:iterate'],
];

export function unknown(type: SearchedType, rawName: string, base: Base): Fault {
  const here = Object.keys(PARAMETERS[type]).filter((name) => base === 'fhir' || !ENRICHED_ONLY.has(name));
  const [name = ''] = rawName.split(':');
  const near = didYouMean(shown(name), [...here, ...GENERAL]) || '.';
  return unsupported(
    shown(rawName),
    `Paramètre inconnu pour ${type} : « ${shown(rawName)} »${near} Que faire : prenez l’un de ${here.join(', ')} (GET metadata les décrit).`,
  );
}

export function enrichedOnly(name: string): Fault {
  return unsupported(
    name,
    `Paramètre inconnu ici : « ${name} » n’existe que dans la base enrichie, le ROR n’a pas de code qui le dise. Que faire : posez la même question à /fhir/… au lieu de /ror/….`,
  );
}

export function chains(type: SearchedType, head: string, as: string | undefined): string {
  const references = Object.entries(PARAMETERS[type]).flatMap(([name, parameter]) =>
    parameter.kind === 'reference' ? [{ name, target: parameter.target }] : [],
  );
  const found = references.find(({ name }) => name === head);
  if (found !== undefined && as !== undefined)
    return ` Que faire : ${head} mène à ${found.target}, écrivez ${head}.… ou ${head}:${found.target}.…`;
  if (references.length === 0) return ` Que faire : ${type} ne mène à rien d’autre, cherchez sans chaînage.`;
  const near = didYouMean(
    head,
    references.map(({ name }) => name),
  );
  return ` Que faire : enchaînez par ${references.map(({ name }) => `${name}.…`).join(' ou ')}${near}`;
}

export function reverses(type: SearchedType): string {
  const [first] = namedBy(type);
  return first === undefined ? '' : `, par exemple _has:${first}:identifier`;
}
