import { DataError } from '../domain/errors.js';
import type { Eyes } from './access.js';
import { bodiesOf, referenceOf, textOf, asList, isBody, type Body, type Value } from './body.js';
import { expectResource, fault } from './outcome.js';
import { isTypeName, OFFER_IDENTIFIER, PATCHABLE, TYPES, UPDATABLE, type TypeName } from './model.js';
import { applyPatch } from './patch.js';
import { checkResource } from './validate.js';
import type { Store, Stored } from './store.js';

/** Who numbers the offers: the repository, or the client from a range that the region gave it. */
export type IdentifierPolicy = 'server' | 'client';

/** In which writing a body is kept: as it was sent, or as some servers do. */
export type Keeping = (body: Body) => Body;
const asSent: Keeping = (body) => body;

/** The writes of the repository, without HTTP. Each returns the stored version or throws a Fault; nothing half done. */
export class Repository {
  constructor(
    readonly store: Store,
    readonly policy: IdentifierPolicy,
    readonly region: string,
  ) {}

  /** @param eyes whose reading it is: what they do not see does not exist for them. */
  read(type: TypeName, id: string, eyes?: Eyes): Stored {
    const stored = this.store.get(type, id);
    if (stored === undefined || eyes?.sees(stored) === false)
      throw fault(404, 'not-found', `${type}/${id} n’existe pas.`, type);
    return stored;
  }

  /** An `id` in the body is ignored (FHIR R4); under the `server` policy so is an identifier: the server's replaces it. */
  create(type: TypeName, value: unknown, kept: Keeping = asSent): Stored {
    const sent = expectResource(value, type);
    const body = type === 'HealthcareService' ? this.#numbered(sent) : sent;
    checkResource(type, body);
    this.#checkReferences(type, body, null);
    return this.store.put(type, this.store.newId(type), kept(body));
  }

  update(
    type: TypeName,
    id: string,
    value: unknown,
    ifMatch: string | undefined,
    kept: Keeping = asSent,
  ): Stored {
    if (!UPDATABLE.includes(type))
      throw fault(405, 'not-supported', `${type} ne se remplace pas (PUT) : seulement read, create, patch.`);
    const body = expectResource(value, type);
    if (body['id'] !== id)
      throw fault(400, 'invalid', 'L’id du corps n’est pas celui de l’adresse.', `${type}.id`);
    return this.#commit(this.read(type, id), body, ifMatch, kept);
  }

  patch(
    type: TypeName,
    id: string,
    value: unknown,
    ifMatch: string | undefined,
    kept: Keeping = asSent,
  ): Stored {
    if (!PATCHABLE.includes(type))
      throw fault(
        405,
        'not-supported',
        `${type} ne se modifie pas (PATCH) : seulement read, create, update.`,
      );
    const parameters = expectResource(value, 'Parameters');
    const stored = this.read(type, id);
    return this.#commit(stored, applyPatch(type, stored.body, parameters), ifMatch, kept);
  }

  #commit(previous: Stored, body: Body, ifMatch: string | undefined, kept: Keeping): Stored {
    if (
      ifMatch !== undefined &&
      ifMatch !== `W/"${previous.versionId}"` &&
      ifMatch !== `"${previous.versionId}"`
    )
      throw fault(412, 'conflict', `La version actuelle est ${previous.versionId}, pas ${ifMatch}.`);
    checkResource(previous.type, body);
    if (previous.type === 'HealthcareService' && offerNumber(body) !== offerNumber(previous.body))
      throw fault(
        422,
        'business-rule',
        'L’identifiant d’une offre ne change pas.',
        'HealthcareService.identifier',
      );
    this.#checkReferences(previous.type, body, previous.body);
    return this.store.put(previous.type, previous.id, kept(body));
  }

  #numbered(body: Body): Body {
    if (this.policy === 'server') {
      let number: string;
      do number = `${this.region}/${this.store.newLocalId()}`;
      while (this.#offerNumbered(number));
      return { ...body, identifier: [{ type: { coding: [{ ...OFFER_IDENTIFIER }] }, value: number }] };
    }
    const number = offerNumber(body);
    const expression = 'HealthcareService.identifier';
    if (number === null)
      throw fault(
        422,
        'required',
        'L’identifiant de l’offre est donné par le client : il manque.',
        expression,
      );
    if (!number.startsWith(`${this.region}/`))
      throw fault(422, 'business-rule', `L’identifiant commence par « ${this.region}/ ».`, expression);
    if (this.#offerNumbered(number))
      throw fault(409, 'duplicate', `Une offre porte déjà l’identifiant ${number}.`, expression);
    return body;
  }

  #offerNumbered(number: string): boolean {
    for (const stored of this.store.all('HealthcareService'))
      if (offerNumber(stored.body) === number) return true;
    return false;
  }

  /** References that this write brings must lead somewhere; those that were there already are not our business. */
  #checkReferences(type: TypeName, body: Body, previous: Body | null): void {
    const before = previous === null ? [] : referencesOf(previous);
    for (const reference of referencesOf(body)) {
      if (before.includes(reference)) continue;
      const [target = '', id = ''] = reference.split('/');
      if (!isTypeName(target) || this.store.get(target, id) === undefined)
        throw fault(422, 'business-rule', `${reference} n’existe pas dans ce répertoire.`, type);
    }
  }
}

function referencesOf(body: Body): readonly string[] {
  const values: readonly (Value | undefined)[] = [
    body['providedBy'],
    body['practitioner'],
    body['organization'],
    body['focus'],
    ...asList(body['partOf']),
    ...asList(body['healthcareService']),
    ...asList(body['location']),
  ];
  return values.map(referenceOf).filter((reference) => reference !== null);
}

function offerNumber(body: Body): string | null {
  return textOf(bodiesOf(body['identifier'])[0]?.['value']);
}

/** Seeds an empty store, without the checks of a write: a copy of a real region has its faults. @throws DataError. */
export function seedStore(store: Store, resources: Iterable<Value>): void {
  const bodies: { type: TypeName; body: Body }[] = [];
  for (const resource of resources) {
    const type = isBody(resource) ? textOf(resource['resourceType']) : null;
    if (!isBody(resource) || type === null || !isTypeName(type))
      throw new DataError({
        code: 'SANDBOX_SEED',
        message: `La ressource n° ${bodies.length + 1} de l’amorce est de type ${type ?? 'inconnu'}.`,
        remedy: `n’amorcez le bac à sable que de ressources qu’il connaît : ${TYPES.join(', ')}.`,
      });
    bodies.push({ type, body: resource });
  }
  store.seed(bodies);
}
