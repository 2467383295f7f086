import type { Agreement, ApproximateDate, Deployment, DeploymentStatus } from '../../domain/deployment.js';
import type { Locator } from '../../domain/locator.js';
import { asOneFault, UNREAD, type RowFault, type RowOutcome } from '../../domain/rows.js';
import { readDate } from '../../normalise/dates.js';
import { fold } from '../../normalise/text.js';
import { quoted } from '../reading/cells.js';
import type { DeploymentColumn } from './schema.js';

type Cells = Readonly<Record<DeploymentColumn, string>>;
type Place = { readonly locator: Locator; readonly headerOf: (column: DeploymentColumn) => string };
type Refuse = (column: DeploymentColumn, code: string, message: string, remedy: string) => void;

/** Words of the column "déployé"; an empty cell is `unstated`: it says neither yes nor no. */
const STATUSES: Readonly<Record<string, DeploymentStatus>> = {
  '': 'unstated',
  oui: 'yes',
  non: 'no',
  delabellise: 'delabelled',
  delabellisee: 'delabelled',
};

/** A hospital that could not be read is `*` (RowFault). */
export function deploymentKey(row: {
  readonly hospital: string | null;
  readonly town: string | null;
}): string {
  return `${fold(row.hospital ?? '') || UNREAD}|${fold(row.town ?? '')}`;
}

export function readDeployment(cells: Cells, place: Place): RowOutcome<Deployment> {
  const faults: RowFault[] = [];
  const refuse: Refuse = (column, code, message, remedy) => {
    const value = quoted(cells[column]);
    faults.push({ code, locator: place.locator, field: place.headerOf(column), value, message, remedy });
  };
  if (cells.hospital === '') {
    refuse(
      'hospital',
      'ESTABLISHMENT_MISSING',
      'La ligne ne nomme pas d’hôpital.',
      'écrivez le nom de l’hôpital.',
    );
  }
  const status = STATUSES[fold(cells.deployed)];
  if (status === undefined) {
    refuse(
      'deployed',
      'STATUS_UNKNOWN',
      `« ${quoted(cells.deployed)} » ne dit pas si BaMaRa est déployé.`,
      'écrivez oui, non ou délabellisé, ou laissez la cellule vide.',
    );
  }
  const names = { hospital: cells.hospital, town: cells.town === '' ? null : cells.town };
  const value = {
    ...names,
    bamara: agreement(date(cells, 'bamaraSentOn', refuse), cells.bamara),
    bndmr: agreement(date(cells, 'bndmrSentOn', refuse), cells.bndmr),
    deployedOn: date(cells, 'deployedOn', refuse),
  };
  const fault = asOneFault(faults);
  if (fault !== undefined || status === undefined) {
    if (fault === undefined) throw new Error('a row without status has a fault');
    return { kind: 'aside', ...fault, key: deploymentKey(names) };
  }
  return { kind: 'row', locator: place.locator, value: { ...value, status } };
}

function agreement(sentOn: ApproximateDate | null, status: string): Agreement {
  return { sentOn, status: status === '' ? null : status, signed: /^signee?s?$/.test(fold(status)) };
}

function date(cells: Cells, column: DeploymentColumn, refuse: Refuse): ApproximateDate | null {
  if (cells[column] === '') return null;
  const reading = readDate(cells[column]);
  if (reading.kind === 'date') return reading.date;
  if (reading.fault === 'impossible') {
    refuse(
      column,
      'DATE_IMPOSSIBLE',
      `« ${quoted(cells[column])} » n’existe pas au calendrier.`,
      'corrigez la date à sa source.',
    );
  } else {
    refuse(
      column,
      'DATE_UNREADABLE',
      `« ${quoted(cells[column])} » n’est pas une date lisible.`,
      'écrivez 08/01/2021 ou janv-21.',
    );
  }
  return null;
}
