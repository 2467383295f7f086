import type { CentreId } from '../domain/ids.js';
import { isJsonObject, type JsonObject } from '../domain/json.js';
import { plain } from './body.js';
import type { CodeBook } from './codes.js';
import { OfferCheck, type Finding } from './findings.js';
import { checkCodes } from './validate-codes.js';
import { checkClosure, checkHours, checkTelecoms } from './validate-contacts.js';
import { checkExtensions } from './validate-extensions.js';
import { checkShapes } from './validate-shape.js';
import { checkComment, checkFrame, checkStructure } from './validate-frame.js';

export type { Finding } from './findings.js';

/**
 * Checks an offer that we create, whole, against profile ror-healthcareservice 0.7.0 (data model of modèle
 * d'exposition 3.0.1) and against what its structure lets through: two codes in one concept, levels 10 and 11
 * together, ages upside down, region and number that disagree, blank name, label of another code, retired codes.
 * Stricter than the profile on purpose: for what we write, never for what we read.
 * @param centres centres whose blocks may stand in the comment; not checked when absent
 * @returns [] when the offer may be proposed; order follows the elements
 */
export function validateOffer(
  resource: JsonObject,
  codes: CodeBook,
  centres?: readonly CentreId[],
): Finding[] {
  const check = new OfferCheck(codes);
  const offer = plain(resource);
  if (!isJsonObject(offer)) return check.findings;
  checkStructure(check, offer);
  checkShapes(check, offer);
  checkFrame(check, offer);
  checkCodes(check, offer);
  checkExtensions(check, offer);
  checkTelecoms(check, offer);
  checkHours(check, offer);
  checkClosure(check, offer);
  checkComment(check, offer, centres);
  return check.findings;
}
