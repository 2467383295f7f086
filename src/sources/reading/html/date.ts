import { DataError, SourceError } from '../../../domain/errors.js';
import { readDate } from '../../../normalise/dates.js';
import type { PageDate, SourceInput } from '../../contract.js';
import { visibleText, type Page, type PageElement } from './page.js';

/** Text of an element in which a date is looked for. */
const MAX_TEXT = 2_000;

/**
 * The date that the page gives to its content, as an ISO day. A month alone is its first day: a content is never taken
 * for newer than it may be.
 * @throws SourceError `SRC_PAGE_DATE` when the date expected is not there; DataError `CFG_SELECTOR`, `CFG_PATTERN`
 */
export function pageDate(input: SourceInput, page: Page, wanted: PageDate): string {
  const pattern = compiled(wanted.pattern);
  const texts = page.select(wanted.selector, 'html.date.selector').map(dateText);
  for (const text of texts) {
    const found = pattern === null ? [text] : pattern.exec(text);
    const reading = readDate(found?.[1] ?? found?.[0] ?? '');
    if (reading.kind !== 'date') continue;
    const { iso, precision } = reading.date;
    return precision === 'day' ? iso : `${iso}-01`;
  }
  throw missing(input, wanted, texts);
}

/** A date written for machines is preferred to its words. */
function dateText(element: PageElement): string {
  const { datetime, content } = element.attribs;
  const machine = /^\s*([0-9]{4}-[0-9]{2}-[0-9]{2})/.exec(datetime ?? content ?? '')?.[1];
  return machine ?? visibleText(element).slice(0, MAX_TEXT);
}

function compiled(pattern: string | null): RegExp | null {
  if (pattern === null) return null;
  try {
    return new RegExp(pattern, 'iu');
  } catch (cause) {
    throw new DataError({
      code: 'CFG_PATTERN',
      message: `« ${pattern} » n’est pas une expression régulière.`,
      place: 'sources.yaml, html.date.pattern',
      remedy: 'écrivez par exemple « mis à jour le (.+) » : la parenthèse entoure la date.',
      cause,
    });
  }
}

function missing(input: SourceInput, { selector }: PageDate, texts: readonly string[]): SourceError {
  const seen = texts.map((text) => `« ${text.slice(0, 100)} »`).join(', ');
  return new SourceError({
    code: 'SRC_PAGE_DATE',
    message: `La page ne dit plus sa date là où elle est attendue (${selector}) : ${
      texts.length === 0 ? 'rien ne s’y trouve' : `${seen.slice(0, 300)} n’en donne aucune`
    }.`,
    place: input.fileName,
    remedy:
      'ouvrez la page ; si sa mise en page a changé, corrigez html.date dans sources.yaml (ou mettez-le à null : l’âge du contenu est alors compté depuis son dernier changement).',
  });
}
