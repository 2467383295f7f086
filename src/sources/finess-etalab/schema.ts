/** Places of the cells of a `structureet` line (gate X11: 32 cells since 2021, 31 before `numuai`). */
export const CELL = {
  eg: 1,
  ej: 2,
  name: 3,
  longName: 4,
  complement: 5,
  distribution: 6,
  streetNumber: 7,
  streetType: 8,
  street: 9,
  streetComplement: 10,
  place: 11,
  commune: 12,
  departement: 13,
  postalLine: 15,
  phone: 16,
  category: 18,
  categoryLabel: 19,
  aggregate: 20,
  siret: 22,
  openedOn: 28,
  updatedOn: 30,
} as const;

export const STRUCTURE_CELLS: readonly number[] = [31, 32];
export const POINT_CELLS = 6;
