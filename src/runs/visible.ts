import { findVisible, type Consumer, type Finding } from '../followup/visible.js';
import { CodeBook } from '../ror/codes.js';
import type { RunContext } from './context.js';
import type { ExpectedCentre } from './expected.js';

export interface VisibleCentre extends ExpectedCentre {
  readonly found: readonly Finding[];
}

/** What each consumer finds of the centres that it should find. */
export async function visibleCentres(
  run: Pick<RunContext, 'config'>,
  sought: readonly ExpectedCentre[],
  consumers: readonly Consumer[],
): Promise<VisibleCentre[]> {
  const found = await findVisible(sought, consumers, new CodeBook(run.config.codes));
  return sought.map((each) => ({ ...each, found: found.get(each.centre) ?? [] }));
}

/** A labelled centre that somebody does not find. */
export function isMissing({ labelled, found }: VisibleCentre): boolean {
  return labelled && found.some((each) => !each.found);
}

/** "Visible dans le ROR ? 117 labellisés, 90 approuvés, 80 transmis, 78 trouvés par …" */
export function visibleSentence(
  rows: readonly VisibleCentre[],
  consumers: readonly Pick<Consumer, 'name' | 'accessProfile'>[],
): string {
  const count = (of: (row: VisibleCentre) => boolean): number => rows.filter(of).length;
  const foundBy = consumers.map(({ name, accessProfile }, at) => {
    const seen = count((row) => row.labelled && row.found[at]?.found === true);
    return `${seen} trouvés par ${name} (profil ${accessProfile})`;
  });
  const head = [
    `${count((row) => row.labelled)} labellisés`,
    `${count((row) => row.labelled && row.approved)} approuvés`,
    `${count((row) => row.labelled && row.transmitted)} transmis`,
    ...foundBy,
  ].join(', ');
  return `Visible dans le ROR ? ${head}.`;
}
