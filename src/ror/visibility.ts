import { shortSystem } from './urls.js';
import { isJsonObject, type Json } from '../domain/json.js';
import type { ElementKey } from '../domain/offer.js';

/** Highest confidentiality of a contact (TRE_R283) that an access profile is shown of an offer of care; 0: no contact. */
const HIGHEST: Readonly<Record<number, number>> = { 0: 1, 1: 3, 2: 2, 3: 1, 4: 0, 5: 2 };
const SEES_ACTS: readonly number[] = [1, 2, 4, 5];

/**
 * Would the repository show us this element again (api.md, section 3)? What it hides from our access profile cannot be
 * read back: we would never know that it was written, and would propose it for ever. (Profile 3 sees more of the
 * médico-social, where no centre stands.)
 */
export function isShown(
  element: { readonly key: ElementKey; readonly value: Json },
  accessProfile: number,
): boolean {
  if (element.key.startsWith('characteristic[specificAct]')) return SEES_ACTS.includes(accessProfile);
  if (!/^(?:extension\[contact\]|telecom)#/.test(element.key)) return true;
  const highest = HIGHEST[accessProfile] ?? 0;
  return highest > 0 && levelsIn(element.value).every((level) => level <= highest);
}

/** Every level of confidentiality named in an element: the contact's own and those of its numbers. */
function levelsIn(value: Json): number[] {
  if (Array.isArray(value)) return (value as Json[]).flatMap(levelsIn);
  if (!isJsonObject(value)) return [];
  const own = typeof value['system'] === 'string' && shortSystem(value['system']) === 'TRE_R283';
  const code = own ? Number(value['code']) : Number.NaN;
  return [...(Number.isNaN(code) ? [] : [code]), ...Object.values(value).flatMap(levelsIn)];
}
