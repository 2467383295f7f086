import type { CentreObservation } from '../../domain/centre.js';
import { canonicalText } from '../../domain/json.js';
import type { RowFault, RowOutcome } from '../../domain/rows.js';
import { readRegion } from '../../normalise/departements.js';
import { fold } from '../../normalise/text.js';
import { apartness, asideKey, assignKeys, baseKey, campaignOf, placeOf } from './keys.js';

type Outcome = RowOutcome<CentreObservation>;
type Kept = Extract<Outcome, { readonly kind: 'row' }>;
type Verdict = Pick<RowFault, 'code' | 'message' | 'remedy'>;

/**
 * Rules across the rows of one list: R6 (one filière), L2 (one label per campaign), doubles, R4 (one establishment).
 * The result does not depend on the order of rows. R4 only flags: scenario S2 keeps and shows the two rows, because
 * nobody but a person can say which site is the right one.
 */
export function crossCheck(outcomes: readonly Outcome[]): readonly Outcome[] {
  const kept = outcomes.filter((one) => one.kind === 'row');
  const aside = new Map<Outcome, Verdict>();
  oneFiliere(kept, aside);
  oneRowPerCentre(
    kept.filter((row) => !aside.has(row)),
    aside,
  );
  const flagged = oneSite(kept.filter((row) => !aside.has(row)));
  return assignKeys(outcomes.map((outcome) => settled(outcome, aside.get(outcome), flagged.get(outcome))));
}

function settled(outcome: Outcome, verdict: Verdict | undefined, flag: Verdict | undefined): Outcome {
  if (outcome.kind !== 'row') return outcome;
  const { locator, value } = outcome;
  if (verdict !== undefined) {
    const key = asideKey(
      { ...value, network: value.network ?? '', town: value.town ?? '' },
      value.public,
      value.label.campaignText,
    );
    return { kind: 'aside', ...verdict, locator, value: value.title, key };
  }
  if (flag === undefined) return outcome;
  return { ...outcome, flags: [...(outcome.flags ?? []), { ...flag, locator, value: value.hospital }] };
}

/** Gate R6: the same title or network in the same establishment under two filières. */
function oneFiliere(rows: readonly Kept[], aside: Map<Outcome, Verdict>): void {
  for (const name of [(row: CentreObservation) => row.title, (row: CentreObservation) => row.network ?? '']) {
    const groups = grouped(rows, (row) => (name(row) === '' ? null : [fold(name(row)), placeOf(row)]));
    for (const group of groups) {
      const filieres = distinct(group, (row) => row.filiere);
      if (filieres.length < 2) continue;
      for (const row of group) {
        aside.set(row, {
          code: 'R6',
          message: `Le même centre est donné à ${String(filieres.length)} filières (${filieres.join(', ')}), ${lines(group)} : un centre en a exactement une.`,
          remedy: 'gardez la ligne de la filière de rattachement.',
        });
      }
    }
  }
}

/**
 * Gate L2, and doubles: rows of one centre (network, establishment, public) in one campaign. A row that does not state
 * its public may be the one that does: alone it tells nothing more, and with another label it contradicts it.
 */
function oneRowPerCentre(rows: readonly Kept[], aside: Map<Outcome, Verdict>): void {
  for (const group of onePlaceEach(grouped(rows, (row) => [baseKey(row), campaignOf(row.label)]))) {
    const unstated = group.filter((row) => row.value.public === null);
    const publics = distinct(group, (row) => row.public ?? '').filter((taken) => taken !== '');
    if (publics.length === 0) judgeRows(unstated, aside);
    for (const taken of publics) {
      judgeRows([...group.filter((row) => row.value.public === taken), ...unstated], aside);
    }
  }
}

/** Rows that state different sites, legal entities or towns are not one centre, however alike their names. */
function onePlaceEach(groups: readonly (readonly Kept[])[]): readonly (readonly Kept[])[] {
  return groups.flatMap((group) => {
    const apart = apartness(group.map((row) => row.value));
    const places = distinct(group, apart).filter((place) => place !== '');
    if (places.length === 0) return [group];
    return places.map((place) => group.filter((row) => ['', place].includes(apart(row.value))));
  });
}

/** The most telling verdict stays: a contradiction says more than a double. */
function judgeRows(group: readonly Kept[], aside: Map<Outcome, Verdict>): void {
  if (group.length < 2) return;
  const levels = distinct(group, (row) => row.label.level);
  const taken = group.find((row) => row.value.public !== null)?.value.public ?? null;
  const said = (row: CentreObservation): string => facts({ ...row, public: row.public ?? taken });
  const [first, ...others] = [...group].sort(byContent);
  if (levels.length > 1) {
    for (const row of group) {
      aside.set(row, {
        code: 'L2',
        message: `Deux labels pour un même centre dans la même campagne (${levels.join(', ')}), ${lines(group)}.`,
        remedy: 'gardez la ligne dont le label est prouvé (arrêté de labellisation).',
      });
    }
  } else if (distinct(group, said).length > 1) {
    for (const row of group) {
      if (aside.get(row)?.code === 'L2') continue;
      aside.set(row, {
        code: 'DUPLICATE_DIFFERENT',
        message: `Le même centre est donné plusieurs fois avec des valeurs différentes (${differing(group)}), ${lines(group)}.`,
        remedy: 'gardez la ligne juste, ou distinguez les centres (public, intitulé).',
      });
    }
  } else {
    for (const row of others) {
      if (aside.has(row)) continue;
      aside.set(row, {
        code: 'DUPLICATE',
        message: `La ligne répète la ligne ${String(first?.locator.line ?? '')}.`,
        remedy: 'supprimez la ligne en double ; l’autre est gardée.',
      });
    }
  }
}

const COLUMN_WORDS: Readonly<Partial<Record<keyof CentreObservation, string>>> = {
  title: 'intitulé',
  network: 'réseau',
  hospital: 'établissement',
  town: 'ville',
  departement: 'département',
  region: 'région',
  head: 'responsable',
  finessEj: 'FINESS juridique',
  finessEg: 'FINESS géographique',
  specificActs: 'actes spécifiques',
};

/** What differs between rows, in words. */
function differing(rows: readonly Kept[]): string {
  return (Object.keys(COLUMN_WORDS) as (keyof CentreObservation)[])
    .filter((field) => distinct(rows, (row) => fold(canonicalText(row[field]))).length > 1)
    .map((field) => COLUMN_WORDS[field] ?? field)
    .join(', ');
}

/**
 * Gate R4: one centre at two establishments. Sites of a network share a title, so a title alone proves nothing: either
 * the same person heads both, or the title names one regional centre ("…, centre Normandie").
 */
function oneSite(rows: readonly Kept[]): ReadonlyMap<Outcome, Verdict> {
  const flagged = new Map<Outcome, Verdict>();
  const campaign = (row: CentreObservation): string[] => [
    fold(row.title),
    row.filiere,
    campaignOf(row.label),
  ];
  const groups = [
    ...grouped(rows, (row) => (headName(row) === '' ? null : [...campaign(row), headName(row)])),
    ...grouped(rows, (row) => (namesOneRegionalCentre(row.title) ? campaign(row) : null)),
    // One hospital, written the same, at two of its sites.
    ...grouped(rows, (row) =>
      row.finessEg === null ? null : [baseKey(row), row.public ?? '', campaignOf(row.label)],
    ),
  ];
  for (const group of groups) {
    if (distinct(group, placeOf).length < 2 && distinct(group, (row) => row.finessEg ?? '').length < 2)
      continue;
    for (const row of group) {
      flagged.set(row, {
        code: 'R4',
        message: `Un même centre est donné sur plusieurs établissements, ${lines(group)} : un centre n’en a qu’un.`,
        remedy: 'à la relecture, gardez l’établissement où le centre est labellisé, ou prouvez deux labels.',
      });
    }
  }
  return flagged;
}

/** "Pr F. Chapon" and "F. Chapon" are one person. */
function headName(row: CentreObservation): string {
  return fold(row.head ?? '').replace(/^(?:(?:pr|prof|professeur|dr|docteur|mme|m) )+/, '');
}

function namesOneRegionalCentre(title: string): boolean {
  const folded = fold(title);
  for (let at = folded.indexOf('centre '); at !== -1; at = folded.indexOf('centre ', at + 1)) {
    const rest = folded
      .slice(at + 'centre '.length)
      .replace(/^(?:regional )?(?:(?:de la|de l|de|du|des|d|en) )?/, '');
    if (readRegion(rest) !== null) return true;
  }
  return false;
}

/** What must agree between two rows of one centre; where the fact was found may differ. */
function facts(row: CentreObservation): string {
  const label = { level: row.label.level, campaign: campaignOf(row.label) };
  return fold(canonicalText({ ...row, label, evidence: null }));
}

/** A row that states its public first, then by content: the same row is kept whatever the order. */
function byContent(one: Kept, other: Kept): number {
  if ((one.value.public === null) !== (other.value.public === null))
    return one.value.public === null ? 1 : -1;
  const [a, b] = [canonicalText(one.value), canonicalText(other.value)];
  if (a !== b) return a < b ? -1 : 1;
  return (one.locator.line ?? 0) - (other.locator.line ?? 0);
}

function grouped(
  rows: readonly Kept[],
  keyOf: (row: CentreObservation) => readonly string[] | null,
): readonly (readonly Kept[])[] {
  const groups = new Map<string, Kept[]>();
  for (const row of rows) {
    const key = keyOf(row.value)?.join('\n');
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function distinct(rows: readonly Kept[], of: (row: CentreObservation) => string): readonly string[] {
  return [...new Set(rows.map((row) => of(row.value)))].sort();
}

function lines(rows: readonly Kept[]): string {
  const numbers = rows.map((row) => row.locator.line ?? 0).sort((a, b) => a - b);
  return `lignes ${numbers.join(', ')}`;
}
