import { counted } from '../domain/counted.js';
import type { Cadence, GateResult } from '../domain/gates.js';
import { locatorText } from '../domain/locator.js';
import type { RowFault } from '../domain/rows.js';
import { frenchDay, momentText } from '../domain/time.js';
import type { SourceCheck } from '../runs/check-source.js';
import { flapText } from '../runs/flap-alerts.js';
import type { Flap } from '../runs/swings-of.js';
import { FRESHNESS_WORDS } from '../runs/freshness.js';
import type { SourceState } from '../runs/source-states.js';

const CADENCES: Readonly<Record<Cadence, string>> = {
  daily: 'chaque jour',
  weekly: 'chaque semaine',
  monthly: 'chaque mois',
  yearly: 'chaque année',
  manual: 'sans rythme, à la main',
};
/** Lines shown one by one; the others are counted, and stand in the JSON. */
const SHOWN = 20;

/** A sentence first, then a few lines per source; those without a place last, by their names. */
export function statesText(region: string, states: readonly SourceState[]): string {
  const placed = states.filter(({ state }) => state !== 'unplaced');
  const unplaced = states.filter(({ state }) => state === 'unplaced').map(namedState);
  const stale = placed.filter(({ state }) => state === 'stale').length;
  return [
    `Région ${region} : ${counted(placed.length, 'source')}, ${stale === 0 ? 'aucune n’est périmée' : counted(stale, 'périmée')}.`,
    ...placed.flatMap(stateLines),
    ...(unplaced.length === 0
      ? []
      : ['', `Sans lieu pour cette région (« place » de sources.yaml) : ${unplaced.join(', ')}.`]),
  ].join('\n');
}

function stateLines(one: SourceState): string[] {
  const { source, title, owner, cadence, state, days, contentDate, lastSuccess, delivery, place } = one;
  const { flapping, failure } = one;
  const word = `${one.reader === 'trial' ? 'essai, ' : ''}${state === 'unplaced' ? '' : FRESHNESS_WORDS[state]}`;
  const age = days === null ? '' : ` (${counted(days.age, 'jour')} sur ${String(days.limit)} admis)`;
  const read =
    delivery === null
      ? 'aucune livraison'
      : `${counted(delivery.rows, 'ligne lue', 'lignes lues')}, ${asideText(delivery.setAside)}, ${delivery.file}, arrivé le ${momentText(new Date(delivery.at))}`;
  return [
    '',
    `${source} : ${word}${age}`,
    `    ${title}. Éditeur : ${owner}. Rythme : ${CADENCES[cadence]}.`,
    `    date du contenu : ${contentDate === null ? 'non dite' : frenchDay(contentDate)} | dernier passage réussi : ${lastSuccess === null ? 'aucun' : momentText(new Date(lastSuccess))}`,
    `    ${read}`,
    ...(failure === null
      ? []
      : [
          `    ! dernier passage en échec le ${momentText(new Date(failure.at))}, ${failure.code} : ${failure.message} L’état d’avant reste en place.`,
        ]),
    ...flapLines(flapping),
    ...(state === 'never' || state === 'stale'
      ? [
          `    Que faire : filror source check ${source}, puis filror sync${place === null ? ` --source ${source}=FICHIER` : ''}.`,
        ]
      : []),
  ];
}

function flapLines(flaps: readonly Flap[]): string[] {
  const hidden = flaps.length - SHOWN;
  return [
    ...flaps.slice(0, SHOWN).flatMap((flap) => {
      const { message, remedy } = flapText(flap);
      return [`    ! ${message}`, `      Que faire : ${remedy}`];
    }),
    ...(hidden > 0 ? [`    … et ${String(hidden)} autres : --output json les donne.`] : []),
  ];
}

/** "labelling-order (essai)": what its reader could not be tried on is said wherever the source is named. */
function namedState({ source, reader }: SourceState): string {
  return reader === 'trial' ? `${source} (essai)` : source;
}

/** What would be read, the sentence first; then what is wrong, with its place and its remedy. */
export function checkText(check: SourceCheck): string {
  const { facts, gates } = check;
  const missed = gates.filter(({ ok }) => !ok);
  return [
    `${check.source} : ${counted(check.kept, 'ligne serait lue', 'lignes seraient lues')} de ${check.file}, ${asideText(check.setAside)}. Rien n’est changé.`,
    `    lieu : ${check.origin}`,
    ...resourceLine(check),
    `    format : ${formatText(check)}`,
    `    date du contenu : ${facts.contentDate === null ? 'non dite par le fichier' : frenchDay(facts.contentDate)}`,
    `    colonnes ignorées : ${facts.unknownColumns.filter((name) => name !== '').join(', ') || 'aucune'}`,
    ...faultLines('Mises de côté', check.faults, check.setAside),
    ...faultLines('Remarques sur des lignes gardées', check.flags, check.flagged),
    ...(gates.length === 0
      ? []
      : ['', `Totaux annoncés : ${gates.length - missed.length} sur ${gates.length} retrouvés.`]),
    ...missed.flatMap(gateLines),
  ].join('\n');
}

/** "ressource choisie : « finess-… », publiée le 05/10/2026 à 04:19 ; taille et empreinte sha1 : conformes" */
function resourceLine({ resource }: SourceCheck): string[] {
  if (resource === null) return [];
  const { title, published, bytes, digest } = resource;
  const checked = [
    ...(bytes === null ? [] : ['taille']),
    ...(digest === null ? [] : [`empreinte ${digest.type}`]),
  ];
  return [
    `    ressource choisie : « ${title} », publiée le ${momentText(new Date(published))} ; ${checked.length === 0 ? 'ni taille ni empreinte dites, rien à vérifier' : `${checked.join(' et ')} : conforme${checked.length > 1 ? 's' : ''}`}`,
  ];
}

function formatText({ facts, bytes }: SourceCheck): string {
  const kind =
    facts.sheet !== undefined
      ? `classeur, feuille ${facts.sheet}`
      : facts.page === true
        ? `tableau d’une page web, ${facts.encoding}`
        : `texte ${facts.encoding}${facts.separator === null ? '' : `, séparateur ${facts.separator === '\t' ? 'tabulation' : `« ${facts.separator} »`}`}`;
  return `${kind}${facts.compressed ? ', compressé' : ''}, ${counted(bytes, 'octet')}`;
}

function faultLines(title: string, faults: readonly RowFault[], count: number): string[] {
  if (count === 0) return [];
  const shown = faults.slice(0, SHOWN);
  return [
    '',
    `${title} (${count}) : ${codesText(faults)}`,
    ...shown.flatMap(({ code, locator, field, value, message, remedy }) => [
      `  ! ${code} ${locatorText(locator)}${field === undefined ? '' : `, ${field}`}${value === undefined ? '' : ` : « ${value} »`}`,
      `      ${message} Que faire : ${remedy}`,
    ]),
    ...(count > shown.length ? [`  … et ${count - shown.length} autre(s) : --output json les donne.`] : []),
  ];
}

/** "TOO_FEW_CELLS 3, X1 1" */
function codesText(faults: readonly RowFault[]): string {
  const counts = new Map<string, number>();
  for (const { code } of faults) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => `${code} ${count}`).join(', ');
}

function gateLines({ code, level, message, remedy }: GateResult): string[] {
  const sign = level === 'B' ? '! bloque' : level === 'A' ? '~ alerte' : '· pour information';
  return [`  ${sign} ${code} ${message}`, ...(remedy === undefined ? [] : [`      Que faire : ${remedy}`])];
}

function asideText(count: number): string {
  return counted(count, 'mise de côté', 'mises de côté');
}
