import type { Condition } from '../db/served-condition.js';
import { SERVED_TYPES } from '../publish/views.js';
import type { Asked, FhirContext } from './context.js';
import { unsupported } from './outcome.js';
import { parseQuery, type QueryRules } from './query.js';
import { shown } from './values.js';

/** What one `_typeFilter` asks for. @throws Fault 400 */
export function conditionsOf(
  context: FhirContext,
  asked: Asked,
  handling: QueryRules['handling'],
  filter: string,
): Condition[] {
  const [type = '', ...rest] = filter.split('?');
  const served = SERVED_TYPES.find((each) => each === type);
  if (served === undefined)
    throw unsupported('_typeFilter', `Type « ${shown(type)} » : ${SERVED_TYPES.join(', ')}.`);
  const query = parseQuery(served, new URLSearchParams(rest.join('?')), {
    ...{ base: asked.base, pageSize: context.config.pageSize, handling },
  });
  return query.conditions.map((condition) => {
    if (condition.kind === 'nearCommune')
      throw unsupported('_typeFilter', 'near-insee-code ne filtre pas un export.');
    return condition;
  });
}
