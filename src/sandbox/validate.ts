import { asList, bodiesOf, codingsOf, hasExtension, isBody, textOf, type Body } from './body.js';
import { codeSystem, ELEMENTS, EXT, type TypeName } from './model.js';
import { Fault, type Issue } from './outcome.js';

/**
 * What a repository checks before it accepts a write: known first-level elements, list or single as FHIR says, and the
 * mandatory elements of the ROR profile (IG 0.7.0). No terminology: that is the conformance kit's work.
 * @throws Fault 422 with one issue per fault.
 */
export function checkResource(type: TypeName, body: Body): void {
  const issues = [...shape(type, body), ...mandatory(type, body)];
  if (issues.length > 0) throw new Fault(422, issues);
}

function shape(type: TypeName, body: Body): Issue[] {
  const { single, list } = ELEMENTS[type];
  return Object.entries(body).flatMap(([key, value]): Issue[] => {
    const name = key.replace(/^_/, '');
    if (key === 'resourceType') return [];
    const expression = `${type}.${name}`;
    if (!single.has(name) && !list.has(name))
      return [{ code: 'structure', diagnostics: `Élément inconnu : ${name}.`, expression }];
    if (list.has(name) !== Array.isArray(value))
      return [
        {
          code: 'structure',
          diagnostics: `${name} doit ${list.has(name) ? 'être' : 'ne pas être'} un tableau.`,
          expression,
        },
      ];
    return Array.isArray(value) && value.length === 0
      ? [{ code: 'structure', diagnostics: `${name} est un tableau vide.`, expression }]
      : [];
  });
}

function mandatory(type: TypeName, body: Body): Issue[] {
  const issues: Issue[] = [];
  const need = (present: boolean, expression: string, diagnostics: string) => {
    if (!present) issues.push({ code: 'required', diagnostics, expression: `${type}.${expression}` });
  };
  const needExtension = (name: string) =>
    need(
      hasExtension(body, EXT + name),
      `extension('${EXT}${name}')`,
      `L’extension ${name} est obligatoire.`,
    );
  // The profile of a Task asks for neither.
  if (type !== 'Task') {
    const meta = body['meta'];
    need(
      isBody(meta) && textOf(meta['lastUpdated']) !== null,
      'meta.lastUpdated',
      'meta.lastUpdated est obligatoire.',
    );
    needExtension('ror-meta-creation-date');
  }
  switch (type) {
    case 'HealthcareService':
      needExtension('ror-healthcareservice-sensitive-unit');
      need(
        hasAges(body),
        `extension('${EXT}ror-healthcareservice-patient-type')`,
        'La patientèle doit porter une tranche d’âge avec ses deux bornes.',
      );
      need(
        asList(body['identifier']).length === 1,
        'identifier',
        'Une offre porte exactement un identifiant.',
      );
      need(
        isBody(body['providedBy']),
        'providedBy',
        'providedBy (la structure qui porte l’offre) est obligatoire.',
      );
      need(asList(body['type']).length === 1, 'type', 'Une offre a exactement un champ d’activité.');
      need(asList(body['category']).length <= 1, 'category', 'Une offre a au plus un type d’offre.');
      need(
        count(body, 'specialty', 'TRE_R211-ActiviteOperationnelle') === 1,
        'specialty',
        'Une offre a exactement une activité opérationnelle (TRE_R211).',
      );
      need(
        count(body, 'characteristic', 'TRE_R213-ModePriseEnCharge') === 1,
        'characteristic',
        'Une offre a exactement un mode de prise en charge (TRE_R213).',
      );
      break;
    case 'Organization':
      need(
        textOf(body['name']) !== null || asList(body['identifier']).length > 0,
        'name',
        'Une structure porte un nom ou un identifiant (org-1).',
      );
      break;
    case 'Location':
      needExtension('ror-commune-cog');
      break;
    case 'Practitioner':
      need(asList(body['identifier']).length > 0, 'identifier', 'Un professionnel porte un identifiant.');
      break;
    case 'PractitionerRole':
      for (const element of ['practitioner', 'code', 'specialty', 'healthcareService'])
        need(asList(body[element]).length > 0, element, `${element} est obligatoire.`);
      break;
    case 'Task':
      for (const element of ['status', 'intent', 'code', 'reasonCode', 'businessStatus', 'focus', 'input'])
        need(asList(body[element]).length > 0, element, `${element} est obligatoire dans un signalement.`);
      for (const element of ['authoredOn', 'lastModified'])
        need(textOf(body[element]) !== null, element, `${element} est obligatoire dans un signalement.`);
      break;
  }
  return issues;
}

function count(body: Body, element: string, system: string): number {
  return bodiesOf(body[element]).filter((concept) =>
    codingsOf(concept).some((coding) => coding.system === codeSystem(system)),
  ).length;
}

function hasAges(body: Body): boolean {
  const patients = bodiesOf(body['extension']).filter(
    (extension) => extension['url'] === `${EXT}ror-healthcareservice-patient-type`,
  );
  const range = bodiesOf(patients[0]?.['extension']).find((part) => part['url'] === 'ageRange')?.[
    'valueRange'
  ];
  return patients.length === 1 && isBody(range) && isBody(range['low']) && isBody(range['high']);
}
