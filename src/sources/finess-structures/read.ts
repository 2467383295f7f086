import type { Establishment } from '../../domain/establishment.js';
import { finessFault, isSiret } from '../../domain/finess.js';
import type { FinessEg, FinessEj } from '../../domain/ids.js';
import type { JsonObject } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import { UNREAD, type RowFault, type RowOutcome } from '../../domain/rows.js';
import { readDay } from '../reading/content-date.js';
import { dateFlag, FieldTally, MAX_SITES, tooManySites } from '../reading/finess-plus.js';
import { finessKey, type FinessRecord } from '../reading/finess-record.js';
import { listOf, objectOf, textOf } from '../reading/json-values.js';
import { SeenNumbers } from '../reading/seen-numbers.js';
import { siretFlag } from '../reading/siret-flag.js';
import { coordinatesOf } from './coordinates.js';
import { addressOf, categoryOf, establishmentOf, GEOGRAPHIC, isKnownCategory } from './establishment.js';
import * as faults from './faults.js';
import { EXPECTED } from './fields.js';

type Outcome = RowOutcome<FinessRecord>;

/** What a legal entity says of all its sites. */
interface Entity {
  readonly ej: string;
  readonly state: string;
  readonly facts: JsonObject;
}

/** Holds what one delivery has seen so far: make one per reading. */
export class StructureReader {
  /** Fields that the whole delivery must have. */
  readonly fields = new FieldTally(EXPECTED);
  readonly #seen = new SeenNumbers();

  /** Site by site: the outcomes of an entity are never held together. */
  *read(pmej: JsonObject, locator: Locator): Generator<Outcome, void, undefined> {
    // `informationsGeneralesPmej` in the draft of 2025-12-11.
    const facts = objectOf(pmej['informationsGeneralesPMEJ'] ?? pmej['informationsGeneralesPmej']);
    const entity: Entity = {
      ej: textOf(facts['numFinessPm']),
      state: textOf(pmej['etatObjet'] ?? facts['etatObjet']),
      facts,
    };
    const sites = listOf(pmej['ege']);
    this.fields.count('sites', Array.isArray(pmej['ege']), () => locator.path ?? '');
    this.fields.count('entityNumber', entity.ej !== '', () => locator.path ?? '');
    if (sites.length > MAX_SITES) {
      yield tooManySites(locator, entity.ej, sites.length);
      return;
    }
    if (finessFault(entity.ej) !== null && sites.length === 0) {
      yield faults.numberFault(locator, 'numFinessPm', entity.ej, UNREAD);
      return;
    }
    for (let at = 0; at < sites.length; at++) {
      const path = `${locator.path ?? ''}.ege[${String(at)}]`;
      yield* this.#site(objectOf(sites[at]), entity, { ...locator, path });
    }
  }

  #site(site: JsonObject, entity: Entity, locator: Locator): readonly Outcome[] {
    const facts = objectOf(site['informationsGeneralesEGE']);
    const eg = textOf(facts['numFinessEge']);
    const state = textOf(site['etatObjet'] ?? facts['etatObjet']);
    this.fields.count('siteNumber', eg !== '', () => locator.path ?? '');
    this.fields.count('state', state !== '', () => locator.path ?? '');
    if (finessFault(eg) !== null) return [faults.numberFault(locator, 'numFinessEge', eg, UNREAD)];
    if (finessFault(entity.ej) !== null) return [faults.numberFault(locator, 'numFinessPm', entity.ej, eg)];
    const fault = faults.unusable([site['adresse'], site['contact'], facts, categoryOf(site)]);
    if (fault !== null) return [{ ...fault, kind: 'aside', locator, key: eg, remedy: faults.TO_OWNER }];
    if (!isState(state)) return [faults.unknownState(locator, eg, state, 'l’établissement')];
    const own = readDay(facts['dateFermeture']);
    const above = readDay(entity.facts['dateFermeture']);
    const flags: RowFault[] = [];
    // The state wins over a date that cannot be read.
    if (own.impossible || above.impossible)
      flags.push(
        dateFlag(
          locator,
          'dateFermeture',
          (own.impossible ? facts : entity.facts)['dateFermeture'],
          'l’état (etatObjet) dit seul si l’établissement est ouvert',
        ),
      );
    const entityClosed = entity.state === 'I' || above.day !== null;
    if (state === 'I' || own.day !== null || entityClosed) {
      if (state === 'A' && own.day === null) flags.push(faults.entityClosed(locator, entity.ej));
      return this.#once(locator, { kind: 'closed', eg: eg as FinessEg, on: own.day ?? above.day }, flags);
    }
    if (entity.state !== '' && entity.state !== 'A')
      return [faults.unknownState(locator, eg, entity.state, 'l’entité juridique')];
    return this.#open(site, facts, { eg: eg as FinessEg, ej: entity.ej as FinessEj }, locator, flags);
  }

  #open(
    site: JsonObject,
    facts: JsonObject,
    { eg, ej }: { readonly eg: FinessEg; readonly ej: FinessEj },
    locator: Locator,
    flags: RowFault[],
  ): readonly Outcome[] {
    const address = addressOf(site);
    const establishment = establishmentOf(site, facts, address ?? {}, eg, ej);
    this.#countOpen(establishment, address, locator);
    if (establishment.name === '') return [faults.nameless(locator, eg)];
    const siret = textOf(facts['siret'] ?? site['siret']);
    if (siret !== '' && !isSiret(siret)) flags.push(siretFlag(locator, siret));
    if (!isKnownCategory(establishment.category))
      flags.push(faults.categoryFlag(locator, establishment.category));
    if (establishment.openedOn === null && readDay(facts['dateOuverture']).impossible)
      flags.push(dateFlag(locator, 'dateOuverture', facts['dateOuverture'], 'l’ouverture n’est pas datée'));
    if (establishment.updatedOn === null && readDay(site['dateDerniereMaj']).impossible)
      flags.push(
        dateFlag(locator, 'dateDerniereMaj', site['dateDerniereMaj'], 'la mise à jour n’est pas datée'),
      );
    const place = coordinatesOf(address?.['coordonneesGeographique'], establishment.departement);
    if (place.kind === 'doubtful') flags.push(faults.placeFlag(locator, place.why));
    const rows = this.#once(locator, { kind: 'establishment', establishment }, flags);
    if (place.kind !== 'point' || rows[0]?.kind !== 'row') return rows;
    const point: FinessRecord = { kind: 'point', point: { eg, ...place.point } };
    return [...rows, { kind: 'row', locator, key: finessKey(point), value: point }];
  }

  #countOpen(establishment: Establishment, address: JsonObject | null, locator: Locator): void {
    const { fields } = this;
    const place = (): string => locator.path ?? '';
    fields.count('category', establishment.category !== '', place);
    fields.count('name', establishment.name !== '', place);
    fields.count('address', address !== null, place);
    if (address === null) return;
    fields.count('usage', textOf(address['usageAdresse']) === GEOGRAPHIC, place);
    fields.count('commune', textOf(address['cogCommune']) !== '', place);
    fields.count('postalCode', establishment.postalCode !== '', place);
    fields.count('town', establishment.town !== '', place);
  }

  /** Only the first record of a number is a row. */
  #once(
    locator: Locator,
    value: Exclude<FinessRecord, { readonly kind: 'point' }>,
    flags: readonly RowFault[],
  ): readonly Outcome[] {
    if (!this.#seen.add(value.kind === 'closed' ? value.eg : value.establishment.eg))
      return [faults.double(locator, value)];
    return [{ kind: 'row', locator, key: finessKey(value), value, ...(flags.length === 0 ? {} : { flags }) }];
  }
}

function isState(state: string): boolean {
  return state === 'A' || state === 'I';
}
