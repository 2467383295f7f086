import { finessFault } from '../../domain/finess.js';
import type { FinessEg, FinessEj } from '../../domain/ids.js';
import { sha256, type Json, type JsonObject } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import type { Recognition } from '../../domain/recognition.js';
import { UNREAD, type RowFault, type RowOutcome } from '../../domain/rows.js';
import { cellFault, quoted } from '../reading/cells.js';
import { readDay } from '../reading/content-date.js';
import { dateFlag, FieldTally, MAX_SITES, tooManySites } from '../reading/finess-plus.js';
import { listOf, objectOf, textOf } from '../reading/json-values.js';
import { EXPECTED } from './fields.js';

/** R274 today; R428 once the flow has switched (valid from 2026-11-02). */
const RARE_DISEASES: ReadonlySet<string> = new Set(['R8', 'RC10']);
/** Activities subject to contractual recognition; `ASRC` in the draft of 2025-12-11. */
const NATURES: ReadonlySet<string> = new Set(['ASR', 'ASRC']);
/** What the register writes where it knows no date. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(['1903-03-03', '1904-04-04']);
const ENDED: ReadonlySet<string> = new Set(['013', '015', '13', '15']);

/** When the authorised activity says nothing, when it ends by what was authorised, and when it did end. */
const BEGINNING = 'dateDebutActiviteAutorisee';
const EFFECTIVE_END = 'dateFinEffectiveActivite';
const ENDS = [EFFECTIVE_END, 'dateFinActiviteAutorisee', 'dateCaduciteAutorisation'] as const;

const TO_OWNER = 'signalez l’élément au propriétaire de la source ; il est laissé de côté.';

type Outcome = RowOutcome<Recognition>;

interface Kind {
  readonly activity: 'R8' | 'RC10';
  /** Codes, '' when absent. */
  readonly modality: string;
  readonly form: string;
}

/** Goes through every activity, and gives those of rare diseases. Holds what one delivery has seen: one per reading. */
export class RecognitionReader {
  /** Fields that the whole delivery must have. */
  readonly fields = new FieldTally(EXPECTED);
  #mark = '';

  /**
   * What all activities say, kept or not, the header apart: a flow that is made anew every day may say the same for ever,
   * and those that are kept are too few to tell.
   */
  get mark(): string {
    return this.#mark;
  }

  /** Recognitions of one legal entity; every other activity is passed over without a word: there are 590,000. */
  *read(pmej: JsonObject, locator: Locator): Generator<Outcome, void, undefined> {
    const ej = textOf(pmej['numFiness'] ?? pmej['numFinessPm']);
    const sites = listOf(pmej['ege']);
    const entityPath = locator.path ?? '';
    this.fields.count('sites', Array.isArray(pmej['ege']), () => entityPath);
    this.fields.count('entityNumber', ej !== '', () => entityPath);
    if (sites.length > MAX_SITES) {
      yield tooManySites(locator, ej, sites.length);
      return;
    }
    const authorised = new Map(
      listOf(pmej['activitesAutorisees'])
        .map(objectOf)
        .map((each) => [textOf(objectOf(each['caracteristiquesGeneriques'])['activiteAeId']), each] as const),
    );
    let said = `${this.#mark}${ej}`;
    for (let at = 0; at < sites.length; at++) {
      const site = objectOf(sites[at]);
      const eg = textOf(site['numFinessEge']);
      const sitePath = (): string => `${entityPath}.ege[${String(at)}]`;
      said += `\n${eg}`;
      this.fields.count('siteNumber', eg !== '', sitePath);
      this.fields.count('exercised', Array.isArray(site['activitesExercees']), sitePath);
      const exercised = listOf(site['activitesExercees']);
      for (let index = 0; index < exercised.length; index++) {
        const activity = objectOf(exercised[index]);
        const facts = objectOf(activity['caracteristiquesGeneriques']);
        said += markOf(activity, facts);
        const path = (): string => `${sitePath()}.activitesExercees[${String(index)}]`;
        const kind = this.#kindOf(activity, facts, path);
        if (kind === null) continue;
        const above = objectOf(
          objectOf(authorised.get(textOf(facts['identifiantAutorisation'])))['caracteristiquesGeneriques'],
        );
        yield recognition({ ...locator, path: path() }, { ej, eg, kind, activity, facts, above });
      }
    }
    this.#mark = sha256(said);
  }

  /** The regulated activity and its two qualifiers; null for anything but rare diseases. */
  #kindOf(activity: JsonObject, facts: JsonObject, place: () => string): Kind | null {
    const nature = objectOf(activity['nature']);
    const code = textOf(nature['codeNature']);
    this.fields.count('nature', code !== '', place);
    this.fields.count('state', textOf(facts['etatObjet']) !== '', place);
    if (!NATURES.has(code)) return null;
    const type = objectOf(objectOf(nature['caracteristiquesSpecifiques'])['typeActiviteASR']);
    const regulated = textOf(type['activiteSanitaireRegulee']);
    this.fields.count('regulated', regulated !== '', place);
    if (!RARE_DISEASES.has(regulated)) return null;
    return {
      activity: regulated as 'R8' | 'RC10',
      modality: textOf(type['modaliteActivite']),
      form: textOf(type['formeActivite']),
    };
  }
}

/** Few texts of each activity: its number, state, end and events change whenever the register is kept. */
function markOf(activity: JsonObject, facts: JsonObject): string {
  const events = listOf(activity['evenement']).length;
  return `|${textOf(facts['activiteAeId'])} ${textOf(facts['etatObjet'])} ${textOf(facts[EFFECTIVE_END])} ${String(events)}`;
}

interface Exercised {
  readonly ej: string;
  readonly eg: string;
  readonly kind: Kind;
  readonly activity: JsonObject;
  readonly facts: JsonObject;
  /** Facts of the authorised activity: dates stand there, place and state on the exercised one. */
  readonly above: JsonObject;
}

function recognition(locator: Locator, { ej, eg, kind, activity, facts, above }: Exercised): Outcome {
  for (const [field, number] of [
    ['numFinessEge', eg],
    ['numFiness', ej],
  ] as const)
    if (finessFault(number) !== null) {
      const message = `« ${quoted(number)} » n’est pas un numéro FINESS : le site reconnu n’est pas identifié.`;
      const code = finessFault(number) === 'key' ? 'X2' : 'X1';
      return aside(locator, { code, field, value: quoted(number), message, key: UNREAD });
    }
  for (const [field, text] of [
    ['modaliteActivite', kind.modality],
    ['formeActivite', kind.form],
  ] as const) {
    const fault = cellFault(text);
    if (fault === null) continue;
    return aside(locator, { code: fault.code, field, value: quoted(text), message: fault.message, key: eg });
  }
  const day = (...names: readonly string[]): string | null => {
    for (const name of names)
      for (const from of [facts, above]) {
        const found = readDay(from[name]).day;
        if (found !== null && !PLACEHOLDERS.has(found)) return found;
      }
    return null;
  };
  const endedOn = day(EFFECTIVE_END);
  const ended = listOf(activity['evenement']).some((event) =>
    ENDED.has(textOf(objectOf(event)['codeEvenement'])),
  );
  const state = textOf(facts['etatObjet']);
  const value: Recognition = {
    eg: eg as FinessEg,
    ej: ej as FinessEj,
    activity: kind.activity,
    modality: kind.modality || null,
    form: kind.form || null,
    active: state === 'A' && !ended,
    since: day(BEGINNING),
    until: day(...ENDS),
    ...(endedOn === null ? {} : { endedOn }),
  };
  const key = recognitionKey(value);
  if (state !== 'A' && state !== 'I' && !ended)
    return aside(locator, {
      code: 'STATUS_UNKNOWN',
      field: 'etatObjet',
      value: quoted(state),
      message: `L’état « ${quoted(state)} » n’est ni A ni I : on ne sait pas si la reconnaissance a cours ; ce qu’on en savait reste.`,
      key,
    });
  const flags = dateFlags(locator, facts, above);
  return { kind: 'row', locator, key, value, ...(flags.length === 0 ? {} : { flags }) };
}

function dateFlags(locator: Locator, ...from: readonly JsonObject[]): readonly RowFault[] {
  return [BEGINNING, ...ENDS].flatMap((name) => {
    const wrong = from.map((facts): Json | undefined => facts[name]).find((each) => readDay(each).impossible);
    return wrong === undefined ? [] : [dateFlag(locator, name, wrong, 'elle est tenue pour inconnue')];
  });
}

/** The same recognition may be written under several authorisations: they say one thing of the site. */
export function recognitionKey({ eg, activity, modality, form }: Recognition): string {
  return [eg, activity, modality ?? '', form ?? ''].join('|');
}

function aside(locator: Locator, fault: Omit<RowFault, 'locator' | 'remedy'>): Outcome {
  return { kind: 'aside', locator, remedy: TO_OWNER, ...fault };
}
