/**
 * Root of an Orphanet classification → code of TRE_R245-SpecialisationDePriseEnCharge.
 * Facts: TRE_R245 of 2026-07-30; numbers of classifications and ORPHAcodes of roots from the Orphanet nomenclature pack of
 * 2023 (Orphanet, CC BY 4.0). The ANS publishes no such mapping: the 33 titles were matched one to one by their meaning,
 * `medium` where the two titles do not say quite the same. Classification 235 (no determined diagnosis) has no counterpart.
 */
const FAMILIES: readonly (readonly [
  family: string,
  classification: string,
  root: string,
  confidence: 'high' | 'medium',
])[] = [
  ['29', '147', '93890', 'high'],
  ['30', '201', '98047', 'high'],
  ['31', '212', '98050', 'high'],
  ['32', '146', '97929', 'high'],
  ['33', '182', '165711', 'high'],
  ['34', '193', '97978', 'high'],
  ['35', '152', '97935', 'high'],
  ['36', '156', '98053', 'high'],
  ['37', '205', '96344', 'high'],
  ['38', '194', '97992', 'high'],
  ['39', '183', '57146', 'high'],
  ['40', '195', '98004', 'high'],
  ['41', '203', '68416', 'high'],
  ['42', '150', '68367', 'high'],
  ['43', '202', '250908', 'high'],
  ['44', '181', '98006', 'high'],
  ['45', '197', '98026', 'high'],
  ['46', '189', '97966', 'high'],
  ['47', '199', '93419', 'high'],
  ['48', '200', '98036', 'high'],
  ['49', '187', '89826', 'high'],
  ['50', '198', '98028', 'high'],
  ['51', '204', '108999', 'high'],
  ['52', '233', '565779', 'medium'],
  ['53', '188', '93626', 'high'],
  ['54', '184', '97955', 'high'],
  ['55', '196', '98023', 'high'],
  ['56', '231', '280342', 'high'],
  ['57', '186', '97962', 'high'],
  ['58', '185', '101433', 'high'],
  ['59', '148', '97965', 'medium'],
  ['60', '209', '68329', 'high'],
  ['61', '216', '52662', 'high'],
];

/** What one root corresponds to. */
export interface RootFamily {
  /** TRE_R245. */
  readonly family: string;
  readonly classification: string;
  readonly root: string;
  readonly confidence: 'high' | 'medium';
}

/** The 33 families, in the order of their codes. */
export const ROOT_FAMILIES: readonly RootFamily[] = FAMILIES.map(
  ([family, classification, root, confidence]) => ({ family, classification, root, confidence }),
);

const BY_ROOT: ReadonlyMap<string, RootFamily> = new Map(ROOT_FAMILIES.map((one) => [one.root, one]));

/** The family of a root; null for a root that has none. @param root ORPHAcode without prefix */
export function familyOfRoot(root: string): RootFamily | null {
  return BY_ROOT.get(root) ?? null;
}
