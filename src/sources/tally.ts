import { LABEL_LEVELS, type CentreObservation, type LabelLevel } from '../domain/centre.js';
import type { Deployment } from '../domain/deployment.js';
import type { CentreCounts, DeploymentCounts, EstablishmentCounts, NetworkCounts } from '../domain/gates.js';
import type { Establishment } from '../domain/establishment.js';
import type { RowOutcome } from '../domain/rows.js';
import { readRegion, regionOf } from '../normalise/departements.js';
import { fold } from '../normalise/text.js';
import type { FinessRecord } from './reading/finess-record.js';

export function countCentres(outcomes: readonly RowOutcome<CentreObservation>[]): CentreCounts {
  const rows = valuesOf(outcomes);
  return {
    kind: 'centres',
    rows: outcomes.length,
    setAside: outcomes.length - rows.length,
    filieres: distinct(rows.map((row) => row.filiere)),
    byLabel: byLabel(rows),
    crcFilieres: distinct(rows.filter((row) => row.label.level === 'CRC').map((row) => row.filiere)),
    regions: distinct(rows.flatMap((row) => regionNamed(row) ?? [])),
    networks: countNetworks(rows),
  };
}

/** Sites of a network share its acronym, else their title; the spelling of the first one is kept. */
function countNetworks(rows: readonly CentreObservation[]): readonly NetworkCounts[] {
  const groups = new Map<string, CentreObservation[]>();
  for (const row of rows) {
    const key = [row.filiere, fold(row.network ?? row.title), row.label.campaign ?? ''].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...others]]) => {
      if (first === undefined) return [];
      return {
        filiere: first.filiere,
        network: first.network ?? first.title,
        campaign: first.label.campaign,
        byLabel: byLabel([first, ...others]),
      };
    });
}

function byLabel(rows: readonly CentreObservation[]): Record<LabelLevel, number> {
  const counts = LABEL_LEVELS.map((level) => [level, rows.filter((row) => row.label.level === level).length]);
  return Object.fromEntries(counts) as Record<LabelLevel, number>;
}

/** INSEE code of the region that a row stands in, when it says so. */
function regionNamed(row: CentreObservation): string | null {
  const named = row.region === null ? null : readRegion(row.region);
  return named ?? (row.departement === null ? null : regionOf(row.departement));
}

export function countDeployment(outcomes: readonly RowOutcome<Deployment>[]): DeploymentCounts {
  const rows = valuesOf(outcomes);
  return {
    kind: 'deployment',
    rows: outcomes.length,
    setAside: outcomes.length - rows.length,
    delabelled: rows.filter((row) => row.status === 'delabelled').map((row) => row.hospital),
    bamaraSigned: rows.filter((row) => row.bamara.signed).length,
    bndmrSigned: rows.filter((row) => row.bndmr.signed).length,
    deployed: rows.filter((row) => row.status === 'yes').length,
    unstated: rows.filter((row) => row.status === 'unstated').length,
  };
}

/** Counts a register while it streams: memory grows with départements and hospital entities, not with lines. */
export class EstablishmentTally {
  private rows = 0;
  private setAside = 0;
  private establishments = 0;
  private hospitals = 0;
  private readonly region = { hospitals: 0, withoutSiret: 0, entityElsewhere: 0, sitesElsewhere: 0 };
  private readonly entities = new Set<string>();
  private readonly byDepartement = new Map<string, number>();
  private readonly departements: ReadonlySet<string>;

  /** @param departements INSEE codes of the region whose hospital sector is counted apart */
  constructor(departements: readonly string[]) {
    this.departements = new Set(departements);
  }

  add(outcome: RowOutcome<FinessRecord>): void {
    this.rows++;
    if (outcome.kind === 'aside') {
      this.setAside++;
      return;
    }
    if (outcome.value.kind !== 'establishment') return;
    const { departement, aggregate } = outcome.value.establishment;
    this.establishments++;
    this.byDepartement.set(departement, (this.byDepartement.get(departement) ?? 0) + 1);
    if (aggregate.startsWith('11') || aggregate.startsWith('12')) {
      this.hospitals++;
      this.addHospital(outcome.value.establishment);
    }
  }

  /**
   * A FINESS number begins with the département that gave it: 62 of 769 Norman sites have an entity of another one.
   * Mainland and Corsica: overseas numbers all begin with 97, so that X9 finds none there.
   */
  private addHospital({ departement, ej, eg, siret }: Establishment): void {
    if (!this.departements.has(departement)) {
      if (this.departements.has(ej.slice(0, 2))) this.region.sitesElsewhere++;
      return;
    }
    this.region.hospitals++;
    this.entities.add(ej);
    if (siret === null) this.region.withoutSiret++;
    if (ej.slice(0, 2) !== eg.slice(0, 2)) this.region.entityElsewhere++;
  }

  counts(): EstablishmentCounts {
    return {
      kind: 'establishments',
      rows: this.rows,
      setAside: this.setAside,
      establishments: this.establishments,
      byDepartement: Object.fromEntries([...this.byDepartement].sort(([a], [b]) => (a < b ? -1 : 1))),
      hospitals: this.hospitals,
      region: { ...this.region, hospitalEntities: this.entities.size },
    };
  }
}

function valuesOf<T>(outcomes: readonly RowOutcome<T>[]): readonly T[] {
  return outcomes.flatMap((one) => (one.kind === 'row' ? [one.value] : []));
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
