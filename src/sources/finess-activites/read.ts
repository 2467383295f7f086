import { finessFault } from '../../domain/finess.js';
import type { FinessEg, FinessEj } from '../../domain/ids.js';
import type { JsonObject } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import type { Recognition } from '../../domain/recognition.js';
import { UNREAD, type AsideRow, type RowOutcome } from '../../domain/rows.js';
import { quoted } from '../reading/cells.js';
import { isoDay, listOf, objectOf, textOf } from '../reading/json-values.js';

/** R274 today; R428 once the flow has switched (valid from 2026-11-02). */
const RARE_DISEASES: ReadonlySet<string> = new Set(['R8', 'RC10']);
/** Activities subject to contractual recognition; `ASRC` in the draft of 2025-12-11. */
const NATURES: ReadonlySet<string> = new Set(['ASR', 'ASRC']);
/** What the register writes where it knows no date. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(['1903-03-03', '1904-04-04']);
const ENDED: ReadonlySet<string> = new Set(['013', '015', '13', '15']);

/** Recognitions of one legal entity; every other activity is passed over without a word: there are 590,000. */
export function recognitionsOf(pmej: JsonObject, locator: Locator): readonly RowOutcome<Recognition>[] {
  const authorised = new Map(
    listOf(pmej['activitesAutorisees'])
      .map(objectOf)
      .map((each) => [textOf(objectOf(each['caracteristiquesGeneriques'])['activiteAeId']), each] as const),
  );
  const ej = textOf(pmej['numFiness'] ?? pmej['numFinessPm']);
  return listOf(pmej['ege']).flatMap((site, at) => {
    const ege = objectOf(site);
    return listOf(ege['activitesExercees']).flatMap((exercised, index): RowOutcome<Recognition>[] => {
      const activity = objectOf(exercised);
      const kind = kindOf(activity);
      if (kind === null) return [];
      const path = `${locator.path ?? ''}.ege[${String(at)}].activitesExercees[${String(index)}]`;
      return [recognition({ ...locator, path }, ej, textOf(ege['numFinessEge']), kind, activity, authorised)];
    });
  });
}

/** The regulated activity and its two qualifiers; null for anything but rare diseases. */
function kindOf(
  activity: JsonObject,
): { readonly activity: 'R8' | 'RC10'; readonly modality: string; readonly form: string } | null {
  const nature = objectOf(activity['nature']);
  if (!NATURES.has(textOf(nature['codeNature']))) return null;
  const facts = objectOf(objectOf(nature['caracteristiquesSpecifiques'])['typeActiviteASR']);
  const code = textOf(facts['activiteSanitaireRegulee']);
  if (!RARE_DISEASES.has(code)) return null;
  return {
    activity: code as 'R8' | 'RC10',
    modality: textOf(facts['modaliteActivite']),
    form: textOf(facts['formeActivite']),
  };
}

function recognition(
  locator: Locator,
  ej: string,
  eg: string,
  kind: NonNullable<ReturnType<typeof kindOf>>,
  activity: JsonObject,
  authorised: ReadonlyMap<string, JsonObject>,
): RowOutcome<Recognition> {
  for (const [field, number] of [
    ['numFinessEge', eg],
    ['numFiness', ej],
  ] as const)
    if (finessFault(number) !== null) return numberFault(locator, field, number);
  const facts = objectOf(activity['caracteristiquesGeneriques']);
  // Dates stand on the authorised activity, place and state on the exercised one.
  const above = objectOf(
    objectOf(authorised.get(textOf(facts['identifiantAutorisation'])))['caracteristiquesGeneriques'],
  );
  const day = (...names: readonly string[]): string | null => {
    for (const name of names)
      for (const from of [facts, above]) {
        const found = isoDay(from[name]);
        if (found !== null && !PLACEHOLDERS.has(found)) return found;
      }
    return null;
  };
  const until = day('dateFinEffectiveActivite', 'dateFinActiviteAutorisee', 'dateCaduciteAutorisation');
  const ended = listOf(activity['evenement']).some((event) =>
    ENDED.has(textOf(objectOf(event)['codeEvenement'])),
  );
  const value: Recognition = {
    eg: eg as FinessEg,
    ej: ej as FinessEj,
    activity: kind.activity,
    modality: kind.modality || null,
    form: kind.form || null,
    active: textOf(facts['etatObjet']) === 'A' && !ended,
    since: day('dateDebutActiviteAutorisee'),
    until,
  };
  return { kind: 'row', locator, key: recognitionKey(value), value };
}

/** The same recognition may be written under several authorisations: they say one thing of the site. */
export function recognitionKey({ eg, activity, modality, form }: Recognition): string {
  return [eg, activity, modality ?? '', form ?? ''].join('|');
}

function numberFault(locator: Locator, field: string, number: string): AsideRow {
  return {
    kind: 'aside',
    code: finessFault(number) === 'key' ? 'X2' : 'X1',
    locator,
    field,
    value: quoted(number),
    message: `« ${quoted(number)} » n’est pas un numéro FINESS : le site reconnu n’est pas identifié.`,
    remedy: 'signalez l’élément au propriétaire de la source ; il est laissé de côté.',
    key: UNREAD,
  };
}
