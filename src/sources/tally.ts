import type { CentreObservation, LabelLevel } from '../domain/centre.js';
import type { Deployment } from '../domain/deployment.js';
import type { CentreCounts, DeploymentCounts, EstablishmentCounts } from '../domain/gates.js';
import type { RowOutcome } from '../domain/rows.js';
import type { FinessRecord } from './finess-etalab/schema.js';

export function countCentres(outcomes: readonly RowOutcome<CentreObservation>[]): CentreCounts {
  const rows = valuesOf(outcomes);
  const of = (level: LabelLevel): number => rows.filter((row) => row.label.level === level).length;
  return {
    kind: 'centres',
    rows: outcomes.length,
    setAside: outcomes.length - rows.length,
    filieres: distinct(rows.map((row) => row.filiere)),
    byLabel: {
      'CRMR coordonnateur': of('CRMR coordonnateur'),
      'CRMR constitutif': of('CRMR constitutif'),
      CRC: of('CRC'),
      CCMR: of('CCMR'),
    },
    crcFilieres: distinct(rows.filter((row) => row.label.level === 'CRC').map((row) => row.filiere)),
  };
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
  private readonly entities = new Set<string>();
  private readonly byDepartement = new Map<string, number>();

  add(outcome: RowOutcome<FinessRecord>): void {
    this.rows++;
    if (outcome.kind === 'aside') {
      this.setAside++;
      return;
    }
    if (outcome.value.kind !== 'establishment') return;
    const { departement, aggregate, ej } = outcome.value.establishment;
    this.establishments++;
    this.byDepartement.set(departement, (this.byDepartement.get(departement) ?? 0) + 1);
    if (aggregate.startsWith('11') || aggregate.startsWith('12')) {
      this.hospitals++;
      this.entities.add(ej);
    }
  }

  counts(): EstablishmentCounts {
    return {
      kind: 'establishments',
      rows: this.rows,
      setAside: this.setAside,
      establishments: this.establishments,
      byDepartement: Object.fromEntries([...this.byDepartement].sort(([a], [b]) => (a < b ? -1 : 1))),
      hospitals: this.hospitals,
      hospitalEntities: this.entities.size,
    };
  }
}

function valuesOf<T>(outcomes: readonly RowOutcome<T>[]): readonly T[] {
  return outcomes.flatMap((one) => (one.kind === 'row' ? [one.value] : []));
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
