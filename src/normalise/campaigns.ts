import { fold, tidy } from './text.js';

const YEAR = /^(?:(?:campagne|millesime|label|labellisation|annee)(?: de)? )?((?:19|20)[0-9]{2})$/;
const SPAN = /^(?:(?:campagne|labellisation)(?: de)? )?((?:19|20)[0-9]{2}) ((?:19|20)[0-9]{2})$/;

/**
 * Year of a labelling campaign, only when the text gives exactly one. Two spans are understood: "2022-2023", the
 * campaign that the order of 26/12/2023 closed, is 2023; "2023-2028", the five years of that label, is 2023 too.
 * Anything qualified ("avant 2017", "2023 (page non datée)", "vers 2010") gives null and keeps its text.
 */
export function readCampaign(text: string): {
  readonly campaign: number | null;
  readonly campaignText: string;
} {
  const campaignText = tidy(text);
  const folded = fold(text);
  const year = YEAR.exec(folded)?.[1];
  if (year !== undefined) return { campaign: Number(year), campaignText };
  const span = SPAN.exec(folded);
  if (span !== null) {
    const [from, to] = [Number(span[1]), Number(span[2])];
    if (to - from === 1) return { campaign: to, campaignText };
    if (to - from === 5) return { campaign: from, campaignText };
  }
  return { campaign: null, campaignText };
}
