/** A date as precise as the source gives it: `2021-01-08` to the day, `2021-01` to the month. */
export interface ApproximateDate {
  readonly text: string;
  readonly precision: 'day' | 'month';
  readonly iso: string;
}

export interface Agreement {
  readonly sentOn: ApproximateDate | null;
  /** As written ("signée"), or null when the cell is empty. */
  readonly status: string | null;
  readonly signed: boolean;
}

/**
 * What the column "déployé" says. `delabelled` is a label fact that strayed into a deployment column: it raises an
 * alert and never closes anything (DESIGN 6.3, scenario S3).
 */
export type DeploymentStatus = 'yes' | 'no' | 'unstated' | 'delabelled';

/** One hospital of the BaMaRa / BNDMR deployment table. Hospital and town as written, no FINESS number. */
export interface Deployment {
  readonly hospital: string;
  readonly town: string | null;
  readonly bamara: Agreement;
  readonly bndmr: Agreement;
  readonly status: DeploymentStatus;
  readonly deployedOn: ApproximateDate | null;
}
