import { JOB_WORDS, type Pause, type Schedule, type Slot } from '../domain/schedule.js';
import { exportOutcomeText } from '../domain/export-outcome.js';
import type { SeenCircuit } from '../db/circuits.js';
import type { DoneSlot } from '../schedule/request.js';

const CATCH_UP_WORDS: Readonly<Record<Schedule['catchUp'], string>> = {
  none: 'aucun',
  last: 'la dernière',
  all: 'toutes',
};
const STATE_WORDS: Readonly<Record<Slot['state'], string>> = {
  due: '· due',
  running: '> en cours',
  done: '= faite',
  failed: '! en échec',
  missed: '− manquée',
};

/** How dates are told: by the wall clock of the schedule, 12/03/2026 02:30. */
export function dateTeller(timeZone: string): (at: Date) => string {
  const format = new Intl.DateTimeFormat('fr-FR', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return (at) => format.format(at).replace(/\/(\d\d) /, '/20$1 ');
}

export function scheduleLine(schedule: Schedule, tell: (at: Date) => string): string {
  const what = `${JOB_WORDS[schedule.kind]}${schedule.source === null ? '' : ` de ${schedule.source}`}`;
  const catchUp =
    schedule.catchUp === 'all' ? `toutes (${schedule.bound} au plus)` : CATCH_UP_WORDS[schedule.catchUp];
  const mark = schedule.builtIn ? ' (toujours présente)' : '';
  return `  ${schedule.name.padEnd(16)} ${what}${mark}, « ${schedule.cron} » ${schedule.timeZone}, rattrapage : ${catchUp}, prochaine : ${tell(schedule.nextAt)}`;
}

export function pauseLine(pause: Pause, author: string, tell: (at: Date) => string): string {
  const where = pause.region === null ? 'toutes les régions' : `région ${pause.region}`;
  const source = pause.source === null ? '' : `, source ${pause.source}`;
  return `  ‖ en pause (${where}${source}) jusqu’au ${tell(pause.expiresAt)}, par ${author} : ${pause.reason}`;
}

export function slotLine(slot: Slot, tell: (at: Date) => string): string {
  const run = slot.runId === null ? '' : ` ${slot.runId}`;
  const pending = slot.exitCode === 2 ? ', des changements ou des questions attendent' : '';
  const starts = slot.starts > 1 ? `, ${slot.starts} débuts` : '';
  const why = slot.error === null ? '' : ` : ${slot.error.message} Que faire : ${slot.error.remedy}`;
  const set = exportOutcomeText(slot);
  const what = set === null ? '' : ` : ${set}`;
  return `  ${tell(slot.dueAt)}  ${slot.job.padEnd(12)} ${STATE_WORDS[slot.state]}${run}${pending}${starts}${what}${why}`;
}

export function doneLine({ slot, ended }: DoneSlot, tell: (at: Date) => string): string {
  if (ended === 'lost') return `  ${tell(slot.dueAt)}  ${slot.job.padEnd(12)} reprise par un autre processus`;
  const { state, exitCode, outcome, error } = ended;
  return slotLine({ ...slot, state, exitCode, outcome, error }, tell);
}

/** A server that a process left alone when it last told; null when requests pass. */
export function circuitLine(circuit: SeenCircuit, tell: (at: Date) => string): string | null {
  const { host, state, failuresInARow, retryAt, changedAt, process } = circuit;
  if (state === 'closed' || retryAt === null) return null;
  const rest = state === 'open' ? `laissé en repos jusqu’au ${tell(retryAt)}` : 'à l’essai (une requête)';
  return `  ! disjoncteur : ${host} ${rest} après ${failuresInARow} échecs de suite (dit par ${process} le ${tell(changedAt)}). Que faire : « filror region check » ; si le serveur reste en panne, prévenez son exploitant.`;
}
