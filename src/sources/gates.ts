import type {
  AnnouncedCentres,
  AnnouncedDeployment,
  CentreCounts,
  DeploymentCounts,
  EstablishmentCounts,
  FinessRules,
  GateLevel,
  GateResult,
  GateRules,
  GatedDelivery,
} from '../domain/gates.js';

/**
 * Compares one delivery with what is announced and with the delivery before it. Pure; results come in a fixed order and
 * a gate that has nothing to compare with gives none.
 * @param region INSEE code of the region that the run is for
 */
export function checkGates(rules: GateRules, region: string, delivery: GatedDelivery): readonly GateResult[] {
  return [...shrinkGates(rules, delivery), ...countGates(rules, region, delivery)];
}

/** True when the run must stop with nothing changed. */
export function isBlocked(results: readonly GateResult[]): boolean {
  return results.some((one) => one.level === 'B' && !one.ok);
}

function countGates(rules: GateRules, region: string, delivery: GatedDelivery): readonly GateResult[] {
  const { counts } = delivery;
  switch (counts.kind) {
    case 'centres':
      return rules.centres
        .filter((one) => one.region === region)
        .flatMap((one) => centreGates(one, rules.crcFilieres, counts, delivery.completeFor));
    case 'deployment':
      return rules.deployment
        .filter((one) => one.region === region)
        .flatMap((one) => deploymentGates(one, counts, delivery.activeInDelabelled));
    case 'establishments':
      return finessGates(rules.finess, region, counts, delivery.contentDate);
  }
}

/** What every delivery has, whatever it lists. */
export interface ShrinkingDelivery extends Pick<GatedDelivery, 'bytes' | 'previous'> {
  readonly counts: { readonly rows: number };
}

/** X15 and the half-size file: a list that shrinks is a fault before it is news. */
export function shrinkGates(
  rules: GateRules,
  { counts, bytes, previous }: ShrinkingDelivery,
): readonly GateResult[] {
  if (previous === null) return [];
  return [
    {
      code: 'SRC_HALF_SIZE',
      level: 'B',
      ok: bytes >= previous.bytes * rules.shrink.bytes,
      expected: previous.bytes,
      found: bytes,
      message: `fichier de ${whole(bytes)} octets, contre ${whole(previous.bytes)} à la livraison précédente`,
    },
    {
      code: 'X15',
      level: 'B',
      ok: counts.rows >= previous.rows * rules.shrink.rows,
      expected: previous.rows,
      found: counts.rows,
      message: `${rowsRead(counts.rows)}, contre ${whole(previous.rows)} à la livraison précédente`,
    },
  ];
}

/** N1 to N4. They block only a source that says it lists every centre of that very campaign. */
function centreGates(
  announced: AnnouncedCentres,
  crcFilieres: readonly string[],
  counts: CentreCounts,
  completeFor: number | null,
): readonly GateResult[] {
  const level: GateLevel = completeFor === announced.campaign ? 'B' : 'A';
  const { byLabel } = counts;
  const reference = byLabel['CRMR coordonnateur'] + byLabel['CRMR constitutif'];
  const when = `(${announced.date})`;
  return [
    {
      code: 'N1',
      level,
      ok: counts.rows === announced.centres,
      expected: announced.centres,
      found: counts.rows,
      message: `${rowsRead(counts.rows)} sur ${whole(announced.centres)} annoncées ${when}`,
    },
    {
      code: 'N2',
      level,
      ok:
        reference === announced.reference &&
        byLabel.CCMR === announced.competence &&
        byLabel.CRC === announced.crc,
      expected: labels(announced.reference, announced.competence, announced.crc),
      found: labels(reference, byLabel.CCMR, byLabel.CRC),
      message: `${labels(reference, byLabel.CCMR, byLabel.CRC)}, pour ${labels(announced.reference, announced.competence, announced.crc)} annoncés ${when}`,
    },
    {
      code: 'N3',
      level,
      ok: counts.filieres.length === announced.filieres,
      expected: announced.filieres,
      found: counts.filieres.length,
      message: `${whole(counts.filieres.length)} filières représentées sur ${whole(announced.filieres)} ${when}`,
    },
    {
      code: 'N4',
      level,
      ok: byLabel.CRC === announced.crc && counts.crcFilieres.every((one) => crcFilieres.includes(one)),
      expected: `${whole(announced.crc)} CRC dans ${crcFilieres.join(', ')}`,
      found: `${whole(byLabel.CRC)} CRC dans ${list(counts.crcFilieres)}`,
      message: `${whole(byLabel.CRC)} CRC dans ${list(counts.crcFilieres)}, pour ${whole(announced.crc)} annoncés ${when}`,
    },
  ];
}

/** N5 to N8. All alerts: the table is a table of deployment, it closes nothing. */
function deploymentGates(
  announced: AnnouncedDeployment,
  counts: DeploymentCounts,
  activeInDelabelled: number | null,
): readonly GateResult[] {
  const when = `(${announced.date})`;
  const rows = `${whole(counts.rows)} hôpitaux, dont ${whole(counts.delabelled.length)} délabellisé`;
  const signed = `${whole(counts.bamaraSigned)} BaMaRa et ${whole(counts.bndmrSigned)} BNDMR signées`;
  const deployed = `${whole(counts.deployed)} déployés, ${whole(counts.unstated)} sans réponse`;
  const results: GateResult[] = [
    {
      code: 'N5',
      level: 'A',
      ok: counts.rows === announced.hospitals && counts.delabelled.length === announced.delabelled,
      expected: `${whole(announced.hospitals)} hôpitaux, dont ${whole(announced.delabelled)} délabellisé`,
      found: rows,
      message: `${rows}, pour ${whole(announced.hospitals)} et ${whole(announced.delabelled)} ${when}`,
    },
    {
      code: 'N6',
      level: 'A',
      ok: counts.bamaraSigned === announced.signed && counts.bndmrSigned === announced.signed,
      expected: `${whole(announced.signed)} BaMaRa et ${whole(announced.signed)} BNDMR signées`,
      found: signed,
      message: `conventions : ${signed}, pour ${whole(announced.signed)} et ${whole(announced.signed)} ${when}`,
    },
    {
      code: 'N7',
      level: 'A',
      ok: counts.deployed === announced.deployed && counts.unstated === announced.unstated,
      expected: `${whole(announced.deployed)} déployés, ${whole(announced.unstated)} sans réponse`,
      found: deployed,
      message: `${deployed}, pour ${whole(announced.deployed)} et ${whole(announced.unstated)} ${when}`,
    },
  ];
  if (activeInDelabelled !== null) {
    results.push({
      code: 'N8',
      level: 'A',
      ok: activeInDelabelled === 0,
      expected: 0,
      found: activeInDelabelled,
      message: `${whole(activeInDelabelled)} centre actif dans un hôpital délabellisé (${list(counts.delabelled)}) : à confirmer par une preuve, rien n’est fermé`,
    });
  }
  return results;
}

/** X13 on a national file, X4 on one that holds whole départements, X5 on an extract of the hospital sector. */
function finessGates(
  rules: FinessRules,
  region: string,
  counts: EstablishmentCounts,
  contentDate: string | null,
): readonly GateResult[] {
  const results: GateResult[] = [];
  const near = (found: number, expected: number): boolean =>
    Math.abs(found - expected) <= expected * rules.tolerance;
  const national = nearestTotal(rules.national, contentDate);
  if (Object.keys(counts.byDepartement).length >= rules.nationalFrom && national !== null) {
    results.push({
      code: 'X13',
      level: 'A',
      ok: near(counts.establishments, national.establishments),
      expected: national.establishments,
      found: counts.establishments,
      message: `${whole(counts.establishments)} établissements, pour ${whole(national.establishments)} au ${national.date}`,
    });
  }
  const expected = rules.regions.find((one) => one.region === region);
  if (expected === undefined) return results;
  const departements = Object.entries(expected.departements).sort(([a], [b]) => (a < b ? -1 : 1));
  if (departements.some(([code]) => counts.byDepartement[code] === undefined)) return results;
  if (counts.hospitals === counts.establishments) {
    results.push({
      code: 'X5',
      level: 'A',
      ok:
        near(counts.hospitals, expected.hospitals) &&
        near(counts.hospitalEntities, expected.hospitalEntities),
      expected: `${whole(expected.hospitals)} EG, ${whole(expected.hospitalEntities)} EJ`,
      found: `${whole(counts.hospitals)} EG, ${whole(counts.hospitalEntities)} EJ`,
      message: `secteur hospitalier : ${whole(counts.hospitals)} EG et ${whole(counts.hospitalEntities)} EJ, pour ${whole(expected.hospitals)} et ${whole(expected.hospitalEntities)} au ${expected.date}`,
    });
    return results;
  }
  const found = departements
    .map(([code]) => `${code} : ${whole(counts.byDepartement[code] ?? 0)}`)
    .join(', ');
  const wanted = departements.map(([code, total]) => `${code} : ${whole(total)}`).join(', ');
  results.push({
    code: 'X4',
    level: 'A',
    ok: departements.every(([code, total]) => near(counts.byDepartement[code] ?? 0, total)),
    expected: wanted,
    found,
    message: `établissements par département, ${found}, pour ${wanted} au ${expected.date}`,
  });
  return results;
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

function labels(reference: number, competence: number, crc: number): string {
  return `${whole(reference)} CRMR, ${whole(competence)} CCMR et ${whole(crc)} CRC`;
}

function rowsRead(rows: number): string {
  return rows === 1 ? '1 ligne lue' : `${whole(rows)} lignes lues`;
}

/** French thousands, with the narrow no-break space, written by hand so that no locale data can change it. */
function whole(value: number): string {
  return String(value).replace(/\B(?=(?:[0-9]{3})+$)/g, '\u202f');
}

function list(texts: readonly string[]): string {
  return texts.length === 0 ? 'aucune' : texts.join(', ');
}
