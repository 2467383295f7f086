import { didYouMean } from '../domain/nearest.js';
import { BASES } from '../publish/views.js';
import type { FhirContext } from './context.js';
import { definitionIds, definitionKinds } from './definitions.js';
import { Fault } from './outcome.js';
import { fhirRoutes } from './routes.js';
import { shown } from './values.js';

/**
 * What to say of an address that has no route: another verb has one (405, RFC 9110 section 15.5.6), the root of a base,
 * a type spelled otherwise, a region or a place that is not served.
 */
export function nowhere(context: FhirContext, method: string, url: string): Fault {
  const [path = ''] = url.split('?');
  const parts = path.split('/');
  while (parts.at(-1) === '') parts.pop();
  const [, base = '', code = '', ...rest] = parts;
  const region = context.regions.find((each) => each.code === code);
  if (!BASES.some((each) => each === base) || region === undefined)
    return missing(
      `Rien à cette adresse. Que faire : prenez une base servie : ${bases(context).join(', ')}.`,
    );
  const here = `${context.publicUrl}/${base}/${code}`;
  if (rest.length === 0)
    return missing(
      `C’est la racine d’une base : ni lot (batch) ni transaction ne s’y demandent. Que faire : GET ${here}/metadata dit ce qui est servi, GET ${here}/HealthcareService le donne.`,
    );
  const methods = methodsAt(rest);
  if (methods.length > 0) return notThatVerb(method, methods);
  const [type = ''] = rest;
  const kind = definitionKinds.find((each) => each === type);
  if (kind !== undefined)
    return missing(
      `${kind} se lit un par un. Que faire : prenez ${definitionIds(kind)
        .map((id) => `GET ${here}/${kind}/${id}`)
        .join(', ')}.`,
    );
  return missing(
    `Rien à cette adresse${didYouMean(shown(type), TYPES) || '.'} Que faire : prenez l’un de ${TYPES.join(', ')} (GET ${here}/metadata).`,
  );
}

/** First parts of addresses that are types of FHIR. */
const TYPES = [...new Set(fhirRoutes.map(({ path }) => path.split('/')[1] ?? ''))].filter(
  // Answered, and always empty: nobody is sent there.
  (part) => /^[A-Z]/.test(part) && !part.startsWith('Practitioner'),
);

/** Verbs with a route at the address: a part that begins with `:` stands for any. */
function methodsAt(parts: readonly string[]): readonly string[] {
  const found = fhirRoutes.filter(({ path }) => {
    const wanted = path.split('/').slice(1);
    return (
      wanted.length === parts.length && wanted.every((part, at) => part.startsWith(':') || part === parts[at])
    );
  });
  const methods = found.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...new Set(methods)];
}

function notThatVerb(method: string, methods: readonly string[]): Fault {
  const allow = methods.join(', ');
  return new Fault(
    405,
    'not-supported',
    `${method} n’est pas possible à cette adresse, seulement ${allow}. Que faire : cette API est en lecture seule, sauf POST Task (signaler une erreur) ; recherches et $export se font aussi par POST.`,
    null,
    { allow },
  );
}

function missing(message: string): Fault {
  return new Fault(404, 'not-found', message);
}

function bases(context: FhirContext): readonly string[] {
  return context.regions.flatMap(({ code }) => BASES.map((base) => `${context.publicUrl}/${base}/${code}`));
}
