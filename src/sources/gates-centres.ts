import type {
  AnnouncedCentres,
  AnnouncedNetwork,
  CentreCounts,
  GateFinding,
  GateRules,
  NetworkCounts,
} from '../domain/gates.js';
import { fold } from '../normalise/text.js';
import { list, rowsRead, whole } from './gates-words.js';

/**
 * A list of one region is compared with what is announced for the region (N1 to N4, N10), a national one with what is
 * announced for the country (R7, L1): a total says nothing outside its perimeter.
 */
export function centreGates(
  rules: Pick<GateRules, 'centres' | 'networks' | 'crcFilieres'>,
  region: string,
  counts: CentreCounts,
  completeFor: number | null,
): readonly GateFinding[] {
  if (counts.regions.length >= rules.networks.nationalFrom) {
    return [oneCoordinator(counts.networks), ...announcedSites(rules.networks.announced, counts.networks)];
  }
  return rules.centres
    .filter((one) => one.region === region)
    .flatMap((one) => [
      ...regionTotals(one, rules.crcFilieres, counts, completeFor),
      attestedCoordinators(one, counts),
    ]);
}

/** N1 to N4. They block only a source that says it lists every centre of that very campaign. */
function regionTotals(
  announced: AnnouncedCentres,
  crcFilieres: readonly string[],
  counts: CentreCounts,
  completeFor: number | null,
): readonly GateFinding[] {
  const strict = completeFor === announced.campaign;
  const { byLabel } = counts;
  const reference = byLabel['CRMR coordonnateur'] + byLabel['CRMR constitutif'];
  const when = `(${announced.date})`;
  return [
    {
      code: 'N1',
      strict,
      ok: counts.rows === announced.centres,
      expected: announced.centres,
      found: counts.rows,
      message: `${rowsRead(counts.rows)} sur ${whole(announced.centres)} annoncées ${when}`,
    },
    {
      code: 'N2',
      strict,
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
      strict,
      ok: counts.filieres.length === announced.filieres,
      expected: announced.filieres,
      found: counts.filieres.length,
      message: `${whole(counts.filieres.length)} filières représentées sur ${whole(announced.filieres)} ${when}`,
    },
    {
      code: 'N4',
      strict,
      ok: byLabel.CRC === announced.crc && counts.crcFilieres.every((one) => crcFilieres.includes(one)),
      expected: `${whole(announced.crc)} CRC dans ${crcFilieres.join(', ')}`,
      found: `${whole(byLabel.CRC)} CRC dans ${list(counts.crcFilieres)}`,
      message: `${whole(byLabel.CRC)} CRC dans ${list(counts.crcFilieres)}, pour ${whole(announced.crc)} annoncés ${when}`,
    },
  ];
}

/**
 * N10, for information: the total announced for centres of reference does not tell coordonnateurs from constitutifs.
 * What the list says is shown beside what is attested; it holds when both name the same networks.
 */
function attestedCoordinators(announced: AnnouncedCentres, counts: CentreCounts): GateFinding {
  const read = [
    ...new Set(
      counts.networks.filter((one) => one.byLabel['CRMR coordonnateur'] > 0).map((one) => one.network),
    ),
  ];
  const attested = [...announced.coordinators];
  const { byLabel } = counts;
  const shares = `${whole(byLabel['CRMR coordonnateur'])} coordonnateur(s) (${list(read)}) et ${whole(byLabel['CRMR constitutif'])} constitutif(s)`;
  return {
    code: 'N10',
    ok: sameNames(read, attested),
    expected: list(attested),
    found: list(read),
    message: `les ${whole(announced.reference)} CRMR annoncés (${announced.date}) ne disent pas leur part de coordonnateurs : la liste donne ${shares} ; attesté(s) : ${list(attested)}`,
  };
}

/**
 * R7: one coordonnateur per network and campaign. On a national list only: the coordonnateur of a regional list is
 * mostly elsewhere. A network of CRC alone has no coordonnateur among the four labels and is left out.
 */
function oneCoordinator(networks: readonly NetworkCounts[]): GateFinding {
  const faulty = networks.filter(
    ({ byLabel }) =>
      byLabel['CRMR coordonnateur'] !== 1 &&
      byLabel['CRMR coordonnateur'] + byLabel['CRMR constitutif'] + byLabel.CCMR > 0,
  );
  const shown = faulty
    .slice(0, SHOWN_NETWORKS)
    .map((one) => `${one.network}, ${one.filiere} : ${whole(one.byLabel['CRMR coordonnateur'])}`);
  const more = faulty.length > SHOWN_NETWORKS ? ` ; et ${whole(faulty.length - SHOWN_NETWORKS)} autres` : '';
  return {
    code: 'R7',
    ok: faulty.length === 0,
    expected: 0,
    found: faulty.length,
    message:
      faulty.length === 0
        ? `un coordonnateur pour chacun des ${whole(networks.length)} réseaux`
        : `${whole(faulty.length)} réseau(x) sur ${whole(networks.length)} sans un coordonnateur et un seul (${shown.join(' ; ')}${more})`,
    remedy: 'vérifiez dans la liste le label de ces réseaux, et que leur sigle est écrit partout de même.',
  };
}

const SHOWN_NETWORKS = 5;

/** L1 and F7 to F11: sites listed against sites announced, network by network or for a whole filière. */
function announcedSites(
  announced: readonly AnnouncedNetwork[],
  networks: readonly NetworkCounts[],
): readonly GateFinding[] {
  return announced.map((one): GateFinding => {
    const rows = networks.filter(
      (each) =>
        fold(each.filiere) === fold(one.filiere) &&
        each.campaign === one.campaign &&
        (one.network === null || fold(each.network) === fold(one.network)),
    );
    const of = (level: keyof NetworkCounts['byLabel']): number =>
      rows.reduce((sum, each) => sum + each.byLabel[level], 0);
    const found = sites(of('CRMR coordonnateur'), of('CRMR constitutif'), of('CCMR'));
    const expected = sites(one.coordinators, one.constitutive, one.competence);
    return {
      code: 'L1',
      ok: found === expected,
      expected,
      found,
      message: `${one.network ?? one.filiere}, campagne ${String(one.campaign)} : ${found} listés, pour ${expected} annoncés (${one.source})`,
      remedy: 'comparez la liste au total de sa source : une ligne manque ou est de trop d’un côté.',
    };
  });
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  const names = (texts: readonly string[]): string => [...new Set(texts.map(fold))].sort().join('|');
  return names(one) === names(other);
}

function sites(coordinators: number, constitutive: number, competence: number): string {
  return `${whole(coordinators)} + ${whole(constitutive)} + ${whole(competence)}`;
}

function labels(reference: number, competence: number, crc: number): string {
  return `${whole(reference)} CRMR, ${whole(competence)} CCMR et ${whole(crc)} CRC`;
}
