import { KIND_WORDS, STATE_WORDS, offerOfTarget, type ElementChange } from '../domain/change.js';
import { locatorText } from '../domain/locator.js';
import type { RowFault } from '../domain/rows.js';
import { END_SIGNS, END_WORDS } from '../followup/words.js';
import type { StoredChange } from '../db/changes.js';
import { counted } from '../domain/counted.js';
import { columnsOf } from '../ror/columns.js';
import type { Labels } from '../ror/describe.js';
import { inPlanOrder, type CentreIdentity, type RunReport, type SyncOutput } from '../runs/report.js';
import type { Paint } from './terminal.js';

/** One line per change: sign, word, state, identity. Never colour alone. */
export function changeLine(
  change: StoredChange,
  centres: Readonly<Record<string, CentreIdentity>>,
  p: Paint,
): string {
  const { sign, word } = KIND_WORDS[change.kind];
  const ink = sign === '+' ? p.green : sign === '−' ? p.red : p.yellow;
  const state = STATE_WORDS[change.state];
  return `${ink(`${sign} ${word}`.padEnd(18))} ${change.id}  ${state.padEnd(20)} ${identityLine(change, centres)}`;
}

/** Identity is always shown: title, filière, label, hospital, town, FINESS number or offer. */
export function identityLine(
  change: StoredChange,
  centres: Readonly<Record<string, CentreIdentity>>,
): string {
  const parts = change.centres.map((id) => {
    const centre = centres[id];
    if (centre === undefined) return id;
    const name = centre.network === null ? centre.title : `${centre.network} – ${centre.title}`;
    const place = [centre.hospital, centre.town, centre.eg ?? centre.ej].filter(Boolean).join(', ');
    return `${name} [${centre.filiere}, ${centre.label}] ${place}`;
  });
  const identifier = offerOfTarget(change.target);
  const offer = identifier === null ? '' : ` → offre ${identifier}`;
  return parts.join(' + ') + offer;
}

/** A whole change: reasons first, then each element with what it was, what it becomes and where it comes from. */
export function changeText(
  change: StoredChange,
  centres: Readonly<Record<string, CentreIdentity>>,
  p: Paint,
  codes: Labels,
): string {
  const lines = [changeLine(change, centres, p), ''];
  for (const reason of change.reasons) {
    const mark = reason.blocking ? p.red('! ') : '  ';
    lines.push(`${mark}${reason.message}`);
    for (const candidate of reason.candidates ?? []) {
      lines.push(`      ${candidate.value.padEnd(18)} ${candidate.label}`);
    }
  }
  if (change.reasons.length > 0) lines.push('');
  for (const element of change.elements) {
    const sign = element.conflict
      ? '!'
      : element.operation === 'add'
        ? '+'
        : element.operation === 'delete'
          ? '−'
          : '~';
    const ink = sign === '+' ? p.green : sign === '~' ? p.yellow : p.red;
    lines.push(
      `  ${ink(`${sign} ${element.key}`)}  ${element.text}${element.assumed ? p.dim('  (supposé)') : ''}${
        element.channel === 'served' ? p.dim('  (servi, non envoyé au ROR)') : ''
      }`,
    );
    lines.push(...valueLines(element, codes).map((line) => `      ${line}`));
    for (const each of element.provenance) {
      const where = each.locator === undefined ? '' : `, ${locatorText(each.locator)}`;
      const when = each.date === undefined ? '' : `, ${frenchDate(each.date)}`;
      const kind = { source: 'source', decision: 'décision de', rule: 'règle' }[each.kind];
      lines.push(p.dim(`      ${kind} ${each.origin}${where}${when}`));
    }
  }
  return lines.join('\n');
}

/** Three columns for a conflict; else what it was, and what it becomes. An addition is told by its text. */
function valueLines({ base, before, after, conflict, operation }: ElementChange, codes: Labels): string[] {
  if (conflict) {
    const [was, now, asked] = columnsOf([base, before, after], codes);
    return [`base    ${was ?? ''}`, `ROR     ${now ?? ''}`, `demandé ${asked ?? ''}`];
  }
  if (operation === 'add') return [];
  const [was, next] = columnsOf([before, after], codes);
  return [`avant   ${was ?? ''}`, ...(after === undefined ? [] : [`après   ${next ?? ''}`])];
}

/** `2024-01-15` → `15/01/2024`. */
export function frenchDate(iso: string): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
  return found === null ? iso : `${found[3]}/${found[2]}/${found[1]}`;
}

/** Faults shown in full, and places of each; beyond, they are counted. */
const SHOWN_FAULTS = 8;
const SHOWN_PLACES = 5;

/** Each fault once with all the places where it was found, and what to do; rows set aside and flags are told alike. */
function faultLines(faults: readonly RowFault[], p: Paint): string[] {
  const groups = new Map<string, { readonly fault: RowFault; readonly places: Set<string> }>();
  for (const fault of faults) {
    const key = JSON.stringify([fault.code, fault.message, fault.remedy]);
    const group = groups.get(key) ?? { fault, places: new Set() };
    group.places.add(locatorText(fault.locator));
    groups.set(key, group);
  }
  const lines = [...groups.values()]
    .slice(0, SHOWN_FAULTS)
    .flatMap(({ fault, places }) => [
      p.yellow(`      ${fault.code} ${placesText([...places])} : ${fault.message}`),
      `      Que faire : ${fault.remedy}`,
    ]);
  const hidden = groups.size - SHOWN_FAULTS;
  return hidden > 0 ? [...lines, `      … et ${hidden} autres (--output json)`] : lines;
}

function placesText(places: readonly string[]): string {
  const hidden = places.length - SHOWN_PLACES;
  const shown = places.slice(0, SHOWN_PLACES).join(' ; ');
  return hidden > 0 ? `${shown} et ${String(hidden)} autres` : shown;
}

/** The story of a run: sources, gates, matches, summary, changes, alerts. */
export function syncText(
  output: SyncOutput,
  changes: readonly StoredChange[],
  p: Paint,
  report: RunReport['centres'],
): string {
  const lines: string[] = [];
  for (const source of output.sources) {
    const state = { new: 'nouvelle', unchanged: 'inchangée', notModified: 'inchangée (304)' }[source.status];
    const extra = [
      counted(source.read, 'ligne lue', 'lignes lues'),
      source.setAside.length === 0 ? null : counted(source.setAside.length, 'mise à part', 'mises à part'),
      source.outOfRegion === 0 ? null : `${source.outOfRegion} hors région`,
    ].filter((part) => part !== null);
    lines.push(`  ${source.source.padEnd(20)} ${state.padEnd(14)} ${extra.join(', ')}`);
    lines.push(...faultLines(source.setAside, p), ...faultLines(source.flags, p));
  }
  for (const gate of output.gates) {
    if (gate.ok && gate.level !== 'I') continue;
    const told = gate.ok || gate.level === 'I';
    const place = gate.place === undefined ? '' : ` (${gate.place})`;
    lines.push(`  ${told ? '·' : p.yellow('!')} ${gate.code} ${gate.message}${place}`);
    if (!told && gate.remedy !== undefined) lines.push(`    Que faire : ${gate.remedy}`);
  }
  const { auto, review, none } = output.matches;
  const known = counted(auto, 'reconnu', 'reconnus');
  const lost = counted(none, 'introuvable', 'introuvables');
  lines.push(`  Établissements : ${known}, ${review} à vérifier, ${lost}.`);
  lines.push(`  ${output.mirror.message}`);
  for (const { change, end, message } of output.followed) {
    lines.push(`  ${END_SIGNS[end]} ${change} ${END_WORDS[end]} : ${message}.`);
  }
  for (const alert of output.alerts) {
    lines.push(p.yellow(`  ! ${alert.code} ${alert.message}`));
    lines.push(`    Que faire : ${alert.remedy}`);
  }
  lines.push('', p.bold(output.plan.summary));
  for (const change of inPlanOrder(changes, report)) lines.push(changeLine(change, report, p));
  return lines.join('\n');
}
