import { asList, bodiesOf, bodyText, codingsOf, hasExtension, isBody, type Body } from './body.js';
import { codeSystem, EXT } from './model.js';
import type { Stored } from './store.js';

/** Access profiles of the ROR: what each sees (api page, "What each access profile sees"). */
export type AccessProfile = 0 | 1 | 2 | 3 | 4 | 5;

/** What one client may see of the repository. */
export interface Eyes {
  sees(stored: Stored): boolean;
  /** Body as answered to this client. */
  text(stored: Stored): string;
}

const CONTACT = `${EXT}ror-healthcareservice-contact`;
const LEVEL = `${EXT}ror-confidentiality-level`;
const TELECOM_LEVEL = `${EXT}ror-telecom-confidentiality-level`;
const ACTS = codeSystem('TRE_R210-ActeSpecifique');
const MEDICO_SOCIAL = '04';

/** Elements are left out, not emptied: a stripped body may break the profile's own minimum cardinalities. */
export function eyesOf(profile: AccessProfile): Eyes {
  return {
    sees: (stored) =>
      stored.type !== 'HealthcareService' || profile === 1 || profile === 4 || !isSensitive(stored.body),
    text: (stored) =>
      stored.type !== 'HealthcareService' || profile === 1
        ? stored.text
        : bodyText(stripped(stored.body, profile)),
  };
}

function stripped(offer: Body, profile: AccessProfile): Body {
  const medicoSocial = codingsOf(offer['type']).some(({ code }) => code === MEDICO_SOCIAL);
  const acts = profile === 4 || profile === 5 || profile === 2 || (profile === 3 && medicoSocial);
  const highest = profile === 2 || profile === 5 || (profile === 3 && medicoSocial) ? 2 : 1;
  const body: Body = { ...offer };
  keep(body, 'extension', (extension) => {
    if (extension['url'] !== CONTACT) return true;
    return profile !== 4 && levelsIn(extension).every((level) => level <= highest);
  });
  keep(
    body,
    'characteristic',
    (concept) => acts || !codingsOf(concept).some(({ system }) => system === ACTS),
  );
  return body;
}

function keep(body: Body, name: string, wanted: (item: Body) => boolean): void {
  if (body[name] === undefined) return;
  const left = asList(body[name]).filter((item) => !isBody(item) || wanted(item));
  if (left.length === 0) delete body[name];
  else body[name] = left;
}

/** Confidentiality of a contact and of its numbers (TRE_R283: 1 public, 2 professionals, 3 emergency regulation). */
function levelsIn(extension: Body): readonly number[] {
  const own = extension['url'] === LEVEL || extension['url'] === TELECOM_LEVEL;
  const codes = own ? codingsOf(extension['valueCodeableConcept']).map(({ code }) => Number(code)) : [];
  return [...codes, ...bodiesOf(extension['extension']).flatMap(levelsIn)];
}

function isSensitive(offer: Body): boolean {
  const url = `${EXT}ror-healthcareservice-sensitive-unit`;
  return (
    hasExtension(offer, url) &&
    bodiesOf(offer['extension']).some(
      (extension) => extension['url'] === url && extension['valueBoolean'] === true,
    )
  );
}
