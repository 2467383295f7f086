import type { HospitalType } from '../normalise/names.js';
import type { Entity, Site } from './entities.js';
import { claimedType } from './kinds.js';
import { sameTown, type Question } from './question.js';
import type { Register } from './register.js';

/**
 * "Hôpital de Rouen", "Centre hospitalier" with Caen: a kind and a town. It names a hospital only when one legal
 * entity of the town can be called so, or when one alone bears that very name.
 * @returns null when the mention says more than a kind and a town; `only` when `first` is that only one; else the others
 *   that could be meant, best known first, perhaps none when `first` does not stand in that town.
 */
export function rivalsOfGeneric(
  first: Entity,
  question: Question,
  register: Register,
): readonly Entity[] | 'only' | null {
  const claimed = claimedType(question.name.types);
  // One university hospital or cancer centre bears the name of a town, wherever it stands ("CHU de Grenoble").
  if (claimed === undefined || claimed === 'chu' || claimed === 'clcc') return null;
  const town = townMeant(first, question);
  if (town === null) return null;
  const callable = standingIn(town, question, register).filter((entity) =>
    canBeCalled(entity, claimed, town, question),
  );
  // "CH" with Mirecourt names no hospital of Mirecourt more than another.
  const bearers = question.typeAlone
    ? []
    : callable.filter((entity) => bearsTheName(entity, claimed, town, question));
  const exact = bearers.filter(
    ({ mains }) => claimed === 'clinic' && mains.some((site) => site.name.text === question.name.text),
  );
  const named = [exact, bearers].find((list) => list.length === 1);
  const meant = named ?? callable;
  if (meant.length !== 1 || meant[0] !== first) return meant.filter((entity) => entity !== first);
  return named !== undefined || isHospitalOf(first, claimed, town, question) ? 'only' : [];
}

/** The town that the mention consists of beside its kind, or null when it says something else. */
function townMeant(first: Entity, { name, city, words }: Question): readonly string[] | null {
  if (city !== null) return name.words.every((word) => city.includes(word)) ? city : null;
  if (words.length === 0) return null;
  return first.mains.some((site) => site.town.join(' ') === words.join(' ')) ? words : null;
}

function standingIn(town: readonly string[], question: Question, register: Register): readonly Entity[] {
  const found = new Set<Entity>(register.byTown.get(town.join(' ')) ?? []);
  for (const word of town) {
    for (const entity of register.byWord.get(word) ?? []) found.add(entity);
  }
  return [...found].filter((entity) => entity.sites.some((site) => isOfTown(site, town, question)));
}

/** Kinds of names that any public hospital may be given, psychiatric ones too. */
const PUBLIC_NAMES: readonly HospitalType[] = ['ch', 'chi', 'group'];

/** Stands there, or says that town in its name from the same département ("CH NORD OUEST - VILLEFRANCHE" at Gleizé)
 * or from a town called after it. */
function isOfTown(site: Site, town: readonly string[], { departements }: Question): boolean {
  if (departements.size > 0 && !departements.has(site.departement)) return false;
  if (sameTown(town, site.town) > 0) return true;
  const isNear = departements.size > 0 || town.every((word) => site.town.includes(word));
  return isNear && town.every((word) => site.words.has(word));
}

function canBeCalled(
  entity: Entity,
  claimed: HospitalType,
  town: readonly string[],
  question: Question,
): boolean {
  if (claimed === 'hospital' && callsItselfHospital(entity, town, question)) return true;
  if (claimed === 'clinic' && callsItselfClinic(entity, town, question)) return true;
  if (entity.onlyUnits || entity.sector !== 0) return false;
  if (!entity.mains.some((site) => isOfTown(site, town, question))) return false;
  const { kinds } = entity;
  const isPublic = kinds.has('ch') || kinds.has('chu');
  const says = (type: HospitalType): boolean =>
    entity.mains.some((site) => isOfTown(site, town, question) && site.name.types.includes(type));
  if (says(claimed)) return true;
  if (claimed === 'psy') return kinds.has('psy');
  if (claimed === 'hospital') {
    return isPublic || kinds.has('psy') || kinds.has('clcc') || kinds.has('hospital');
  }
  return PUBLIC_NAMES.includes(claimed) && (isPublic || kinds.has('psy'));
}

/**
 * A clinic is a "hôpital" only when it says so ("HOPITAL PRIVÉ DE LA BAIE"), a unit only when it bears the name of the
 * town under that kind ("HOPITAL-HAD DE BOIS-GUILLAUME").
 */
function callsItselfHospital(
  { sites, onlyUnits, sector }: Entity,
  town: readonly string[],
  question: Question,
): boolean {
  const isHospital = !onlyUnits && sector === 0;
  return sites.some(
    (site) =>
      isOfTown(site, town, question) &&
      (isRehabilitation(site) ||
        (site.main && isHospital
          ? site.saysHospital
          : site.name.text.startsWith('h ') && town.every((word) => site.words.has(word)))),
  );
}

const HOSPITAL_TYPES: readonly HospitalType[] = ['chu', 'chi', 'ch', 'group', 'hospital'];

/** "GH LES CHEMINOTS SOINS DE SUITE": a hospital whose only lines are of rehabilitation. */
function isRehabilitation({ stay, name }: Site): boolean {
  return (
    stay &&
    name.units.every((unit) => !unit.startsWith('psy')) &&
    name.ownTypes.some((type) => HOSPITAL_TYPES.includes(type))
  );
}

/** Categories of hospitals and of multidisciplinary clinics. */
const HOSPITALS: ReadonlySet<string> = new Set(['101', '106', '114', '131', '355', '365']);
const PSYCHIATRIC = '292';

/**
 * The one that stands there, though no line bears the name of the town, is taken for "the hospital of" it when it has a
 * hospital there by its category. "CHI" alone is not said of a hospital that is not one.
 */
function isHospitalOf(
  { mains, nameTypes }: Entity,
  claimed: HospitalType,
  town: readonly string[],
  question: Question,
): boolean {
  if (claimed === 'clinic' || (claimed === 'chi' && nameTypes.has('chi'))) return true;
  if (claimed === 'chi' && question.name.words.length === 0) return false;
  return mains.some(
    (site) =>
      isOfTown(site, town, question) &&
      site.name.units.length === 0 &&
      (HOSPITALS.has(site.establishment.category) ||
        (claimed === 'psy' && site.establishment.category === PSYCHIATRIC)),
  );
}

/** Whatever its aggregate and its units: a clinic is psychiatric, or of rehabilitation. Equipment only stands in one. */
function callsItselfClinic({ sites, sector }: Entity, town: readonly string[], question: Question): boolean {
  return (
    sector === 0 &&
    sites.some((site) => isOfTown(site, town, question) && site.name.ownTypes.includes('clinic'))
  );
}

/** A site of the town says the kind and the town, and is of that kind or says nothing else ("CENTRE HOSPITALIER DE PAU"). */
function bearsTheName(
  entity: Entity,
  claimed: HospitalType,
  town: readonly string[],
  question: Question,
): boolean {
  const kinds: readonly HospitalType[] = claimed === 'ch' ? ['ch', 'chi'] : [claimed];
  return entity.mains.some((site) => {
    if (!isOfTown(site, town, question)) return false;
    if (!kinds.some((kind) => site.name.types.includes(kind))) return false;
    const others = [...site.words].filter((word) => !town.includes(word));
    const says = question.name.words.every((word) => site.words.has(word));
    return says && (others.length === 0 || (claimed !== 'hospital' && entity.kinds.has('ch')));
  });
}
