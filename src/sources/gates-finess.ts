import type { EstablishmentCounts, FinessRules, GateFinding } from '../domain/gates.js';
import { dayText, whole } from './gates-words.js';

/**
 * X13 on a national file; X4, X5, X8, X9 and X10 on one that holds every département of the region. An extract of the
 * hospital sector alone has no X4: its départements are not whole.
 */
export function finessGates(
  rules: FinessRules,
  region: string,
  counts: EstablishmentCounts,
  contentDate: string | null,
): readonly GateFinding[] {
  const expected = rules.regions.find((one) => one.region === region);
  const whole =
    expected !== undefined &&
    Object.keys(expected.departements).every((code) => counts.byDepartement[code] !== undefined);
  return [
    ...nationalTotal(rules, counts, contentDate),
    ...(whole && counts.hospitals !== counts.establishments ? [byDepartement(rules, expected, counts)] : []),
    ...(whole ? hospitalSector(rules, expected, counts) : []),
  ];
}

type RegionRules = FinessRules['regions'][number];

function isNear(rules: FinessRules, found: number, expected: number): boolean {
  return Math.abs(found - expected) <= expected * rules.tolerance;
}

function nationalTotal(
  rules: FinessRules,
  counts: EstablishmentCounts,
  contentDate: string | null,
): readonly GateFinding[] {
  const national = nearestTotal(rules.national, contentDate);
  if (Object.keys(counts.byDepartement).length < rules.nationalFrom || national === null) return [];
  return [
    {
      code: 'X13',
      ok: isNear(rules, counts.establishments, national.establishments),
      expected: national.establishments,
      found: counts.establishments,
      message: `${whole(counts.establishments)} établissements, pour ${whole(national.establishments)} au ${dayText(national.date)}`,
    },
  ];
}

function byDepartement(rules: FinessRules, expected: RegionRules, counts: EstablishmentCounts): GateFinding {
  const departements = Object.entries(expected.departements).sort(([a], [b]) => (a < b ? -1 : 1));
  const found = departements
    .map(([code]) => `${code} : ${whole(counts.byDepartement[code] ?? 0)}`)
    .join(', ');
  const wanted = departements.map(([code, total]) => `${code} : ${whole(total)}`).join(', ');
  return {
    code: 'X4',
    ok: departements.every(([code, total]) => isNear(rules, counts.byDepartement[code] ?? 0, total)),
    expected: wanted,
    found,
    message: `établissements par département, ${found}, pour ${wanted} au ${dayText(expected.date)}`,
  };
}

function hospitalSector(
  rules: FinessRules,
  expected: RegionRules,
  { region }: EstablishmentCounts,
): readonly GateFinding[] {
  const results: GateFinding[] = [
    {
      code: 'X5',
      ok:
        isNear(rules, region.hospitals, expected.hospitals) &&
        isNear(rules, region.hospitalEntities, expected.hospitalEntities),
      expected: `${whole(expected.hospitals)} EG, ${whole(expected.hospitalEntities)} EJ`,
      found: `${whole(region.hospitals)} EG, ${whole(region.hospitalEntities)} EJ`,
      message: `secteur hospitalier : ${whole(region.hospitals)} EG et ${whole(region.hospitalEntities)} EJ, pour ${whole(expected.hospitals)} et ${whole(expected.hospitalEntities)} au ${dayText(expected.date)}`,
    },
  ];
  if (expected.withoutSiret !== null) results.push(siretGate(rules, expected, expected.withoutSiret, region));
  results.push(
    information('X8', region.entityElsewhere, 'EG de la région dont l’EJ a un numéro d’un autre département'),
    information('X9', region.sitesElsewhere, 'EG hors de la région dont l’EJ a un numéro de la région'),
  );
  return results;
}

/**
 * X10: a share, not a count, since hospitals open and close; fewer sites without SIRET is no fault. With 129 of 769 and
 * ten per cent of tolerance, 141 of 769 pass and 142 do not.
 */
function siretGate(
  rules: FinessRules,
  expected: RegionRules,
  withoutSiret: number,
  region: EstablishmentCounts['region'],
): GateFinding {
  const known = withoutSiret / expected.hospitals;
  return {
    code: 'X10',
    ok: region.withoutSiret <= region.hospitals * known * (1 + rules.tolerance),
    expected: `${whole(withoutSiret)} sur ${whole(expected.hospitals)}`,
    found: `${whole(region.withoutSiret)} sur ${whole(region.hospitals)}`,
    message: `secteur hospitalier : ${whole(region.withoutSiret)} EG sans SIRET sur ${whole(region.hospitals)}, pour ${whole(withoutSiret)} sur ${whole(expected.hospitals)} au ${dayText(expected.date)}`,
    remedy:
      'vérifiez que la colonne des SIRET est remplie dans le fichier. Les centres n’en dépendent pas : aucun rapprochement ne s’appuie sur un SIRET.',
  };
}

/** X8 and X9 have no limit: legal entities may stand anywhere. They are told because a matching by département misses them. */
function information(code: 'X8' | 'X9', found: number, what: string): GateFinding {
  return {
    code,
    ok: true,
    expected: 'pour information',
    found,
    message: `secteur hospitalier : ${whole(found)} ${what}`,
  };
}

/** The known total nearest in time; the latest when the file does not say its date. */
function nearestTotal<T extends { readonly date: string }>(
  totals: readonly T[],
  contentDate: string | null,
): T | null {
  const sorted = [...totals].sort((a, b) => (a.date < b.date ? -1 : 1));
  if (contentDate === null) return sorted.at(-1) ?? null;
  const distance = (one: T): number => Math.abs(Date.parse(one.date) - Date.parse(contentDate));
  return sorted.reduce<T | null>(
    (best, one) => (best === null || distance(one) < distance(best) ? one : best),
    null,
  );
}
