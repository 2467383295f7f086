import type { EstablishmentPoint } from '../../domain/establishment.js';
import { finessFault, isSiret } from '../../domain/finess.js';
import type { FinessEg, FinessEj } from '../../domain/ids.js';
import type { Locator } from '../../domain/locator.js';
import { UNREAD, type AsideRow, type RowOutcome } from '../../domain/rows.js';
import { readDepartement } from '../../normalise/departements.js';
import { quoted } from '../reading/cells.js';
import type { FinessRecord } from '../reading/finess-record.js';
import { readFinessNumber } from '../reading/finess-number.js';
import { siretFlag } from '../reading/siret-flag.js';
import { inLambert93, toWgs84 } from '../reading/points.js';
import { SeenNumbers } from '../reading/seen-numbers.js';
import { postalLine } from './cells.js';
import type { LineScanner } from './line-scanner.js';
import { CELL, POINT_CELLS, STRUCTURE_CELLS } from './schema.js';

type Outcome = RowOutcome<FinessRecord>;

/** The longest line of the extract of 2021-01-08 has 399 bytes. */
const MAX_LINE_CHARACTERS = 10_000;

const ALERT_OWNER = 'signalez la ligne au propriétaire de la source ; elle est laissée de côté.';

/** A reader holds what one delivery has seen so far: make one per reading. */
export function finessLineReader(): (line: LineScanner, locator: Locator) => Outcome {
  const sites = new SeenNumbers();
  const points = new SeenNumbers();
  const departement = rememberedDepartement();
  return (line, locator) => {
    if (line.length > MAX_LINE_CHARACTERS) {
      return aside(locator, 'CELL_TOO_LONG', line, `La ligne compte ${String(line.length)} caractères.`);
    }
    const type = line.cell(0);
    if (type === 'structureet') return establishment(line, locator, sites, departement);
    if (type === 'geolocalisation') return point(line, locator, points);
    if (type === 'finess') {
      return aside(locator, 'HEADER_REPEATED', line, 'La première ligne est répétée au milieu du fichier.');
    }
    return aside(locator, 'LINE_UNKNOWN', line, `« ${quoted(type)} » n’est pas un type de ligne connu.`);
  };
}

function establishment(
  line: LineScanner,
  locator: Locator,
  seen: SeenNumbers,
  departement: (text: string) => string,
): Outcome {
  if (!STRUCTURE_CELLS.includes(line.count)) {
    return aside(
      locator,
      'X11',
      line,
      `La ligne a ${String(line.count)} cellules au lieu de 32 (31 avant 2021).`,
    );
  }
  const eg = line.cell(CELL.eg);
  const ej = line.cell(CELL.ej);
  if (finessFault(eg) !== null) return numberFault(locator, 'nofinesset', eg);
  if (finessFault(ej) !== null) return { ...numberFault(locator, 'nofinessej', ej), key: eg };
  const siret = line.cell(CELL.siret);
  const siretIsRight = siret === '' || isSiret(siret);
  const { postalCode, town } = postalLine(line.text(CELL.postalLine));
  const value: FinessRecord = {
    kind: 'establishment',
    establishment: {
      eg: eg as FinessEg,
      ej: ej as FinessEj,
      name: line.text(CELL.name),
      longName: orNull(line.text(CELL.longName)),
      complement: orNull(line.text(CELL.complement)),
      category: line.cell(CELL.category),
      categoryLabel: line.label(CELL.categoryLabel, CELL.category),
      aggregate: line.cell(CELL.aggregate),
      departement: departement(line.cell(CELL.departement)),
      commune: line.cell(CELL.commune),
      postalCode,
      town,
      address: address(line),
      siret: siretIsRight ? orNull(siret) : null,
      phone: orNull(line.cell(CELL.phone)),
      openedOn: isoDate(line.cell(CELL.openedOn)),
      updatedOn: isoDate(line.cell(CELL.updatedOn)),
    },
  };
  if (line.unreadable) {
    const message = 'La ligne contient un caractère de contrôle ou illisible.';
    return aside(locator, 'CONTROL_CHARACTER', line, message);
  }
  if (!seen.add(eg)) return { ...double(locator, eg), key: eg, repeated: value };
  if (siretIsRight) return { kind: 'row', locator, value };
  return { kind: 'row', locator, value, flags: [siretFlag(locator, siret)] };
}

function point(line: LineScanner, locator: Locator, seen: SeenNumbers): Outcome {
  if (line.count !== POINT_CELLS) {
    return aside(
      locator,
      'X11',
      line,
      `La ligne a ${String(line.count)} cellules au lieu de ${String(POINT_CELLS)}.`,
    );
  }
  const [eg, xText, yText, origin] = [line.cell(1), line.cell(2), line.cell(3), line.cell(4)];
  if (finessFault(eg) !== null) return numberFault(locator, 'nofinesset', eg);
  const key = `${eg}#point`;
  const [x, y] = [Number(xText), Number(yText)];
  // Overseas points are in UTM zones that the etalab documentation names in the origin; only Lambert 93 is converted.
  if (xText === '' || yText === '' || /UTM/i.test(origin) || !inLambert93(x, y)) {
    const message = `Les coordonnées ${quoted(`${xText} ; ${yText}`)} ne sont pas en Lambert 93 (métropole).`;
    return { ...aside(locator, 'COORDINATES', line, message), field: 'coordxet, coordyet', key };
  }
  const point: EstablishmentPoint = { eg: eg as FinessEg, x, y, ...toWgs84(x, y) };
  const value: FinessRecord = { kind: 'point', point };
  if (!seen.add(eg)) return { ...double(locator, eg), key, repeated: value };
  return { kind: 'row', locator, value };
}

/** Street number, complement, type and name, then the place or box, on one line. */
function address(line: LineScanner): string | null {
  let street = '';
  for (const place of STREET) {
    const part = line.text(place);
    if (part !== '') street = street === '' ? part : `${street} ${part}`;
  }
  const place = line.text(CELL.place);
  return orNull(street !== '' && place !== '' ? `${street}, ${place}` : street + place);
}

const STREET = [CELL.streetNumber, CELL.streetComplement, CELL.streetType, CELL.street] as const;

/** FINESS codes differ by years (`974`, `9D`): the INSEE code, or the text itself when it is unknown (`970`). */
function rememberedDepartement(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const code = known.get(text) ?? readDepartement(text) ?? text;
    if (known.size < 1000) known.set(text, code);
    return code;
  };
}

function numberFault(locator: Locator, field: string, number: string): AsideRow {
  const reading = readFinessNumber(number);
  const code = reading.kind === 'fault' ? reading.code : 'X1';
  const message =
    reading.kind === 'fault'
      ? reading.message
      : `« ${quoted(number)} » n’est pas un numéro FINESS écrit sans espace.`;
  return {
    kind: 'aside',
    code,
    locator,
    field,
    value: quoted(number),
    message,
    remedy: ALERT_OWNER,
    key: UNREAD,
  };
}

function double(locator: Locator, eg: string): AsideRow {
  return {
    kind: 'aside',
    code: 'DUPLICATE',
    locator,
    field: 'nofinesset',
    value: eg,
    message: `L’établissement ${eg} est donné plusieurs fois : des lignes égales comptent pour une ; si elles diffèrent, aucune n’est gardée, et ce qu’on en savait reste.`,
    remedy: 'vérifiez que le fichier n’est pas fait de deux extractions mises bout à bout.',
  };
}

function aside(locator: Locator, code: string, line: LineScanner, message: string): AsideRow {
  return {
    kind: 'aside',
    code,
    locator,
    value: quoted(line.line()),
    message,
    remedy: ALERT_OWNER,
    key: keyOf(line),
  };
}

/** A line that cannot be used still tells, by its second cell, whose it is: that establishment did not disappear. */
function keyOf(line: LineScanner): string {
  const eg = finessFault(line.cell(CELL.eg)) === null ? line.cell(CELL.eg) : UNREAD;
  return line.cell(0) === 'geolocalisation' ? `${eg}#point` : eg;
}

function isoDate(cell: string): string | null {
  return cell.length === 10 ? cell : null;
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
