import { isJsonObject, type Json } from '../domain/json.js';
import { Fault } from './outcome.js';
import type { Sent } from './routes.js';

/**
 * A kick-off by POST (Bulk Data Access 2.0): the parameters of the body join those of the address. An empty body, or an
 * empty object, adds nothing.
 * @throws Fault 400 for a body that is no Parameters
 */
export function withParameters(sent: Sent): Sent {
  if (sent.body.trim() === '') return sent;
  const query = new URLSearchParams(sent.query);
  for (const [name, value] of parametersOf(sent.body)) query.append(name, value);
  return { ...sent, query };
}

function parametersOf(body: string): readonly (readonly [string, string])[] {
  const tree = parsed(body);
  if (!isJsonObject(tree)) throw notParameters();
  if (Object.keys(tree).length === 0) return [];
  if (tree['resourceType'] !== 'Parameters') throw notParameters();
  const list = tree['parameter'] ?? [];
  if (!Array.isArray(list)) throw notParameters();
  return (list as readonly Json[]).map((each) => {
    if (!isJsonObject(each) || typeof each['name'] !== 'string') throw notParameters();
    const value = Object.entries(each).find(([name]) => name.startsWith('value'))?.[1];
    if (typeof value !== 'string' && typeof value !== 'boolean') throw notParameters();
    return [each['name'], String(value)] as const;
  });
}

function parsed(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    throw notParameters();
  }
}

function notParameters(): Fault {
  return new Fault(
    400,
    'invalid',
    'Le corps d’un $export par POST est une ressource Parameters en JSON (name et valueString de chaque paramètre), ou rien. Que faire : mettez les paramètres dans l’adresse, sans corps.',
  );
}
