/** Rights that a person may have in a region, the narrowest first. */
export const ROLES = ['reader', 'operator', 'reviewer', 'establishment', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** What a person reads. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  reader: 'lecteur',
  operator: 'opérateur',
  reviewer: 'valideur',
  establishment: 'établissement',
  administrator: 'administrateur',
};
