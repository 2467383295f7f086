/** `fhir`: enriched with what the ROR cannot say. `ror`: as the repository says it. */
export const BASES = ['fhir', 'ror'] as const;
export type Base = (typeof BASES)[number];

/** For whom a view is cut; each sees what the one before sees, and more. */
export const AUDIENCES = ['public', 'professional', 'regulation'] as const;
export type Audience = (typeof AUDIENCES)[number];

export type View = `${Base}.${Audience}`;

export function viewOf(base: Base, audience: Audience): View {
  return `${base}.${audience}`;
}

export function baseOf(view: View): Base {
  return view.startsWith('fhir.') ? 'fhir' : 'ror';
}

export function audienceOf(view: View): Audience {
  return view.slice(view.indexOf('.') + 1) as Audience;
}

/** Types that are served; the mirror keeps no other. */
export const SERVED_TYPES = ['HealthcareService', 'Organization', 'Location'] as const;
export type ServedType = (typeof SERVED_TYPES)[number];
