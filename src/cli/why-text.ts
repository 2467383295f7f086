import type { ExplainedCentre } from '../runs/explained-centre.js';
import type { Paint } from './terminal.js';

/** Why each value is what it is, a few lines for each; empty where no source says the centres any more. */
export function whyText(centres: readonly ExplainedCentre[], p: Paint): string {
  const told = centres.filter(({ fields }) => fields.length > 0);
  return told
    .flatMap(({ id, fields }) => [
      `Pourquoi ces valeurs ?${told.length > 1 ? ` Centre ${id}` : ''}`,
      ...fields.flatMap(({ word, value, state, lines }) => [
        `  ${word} : ${value}${state === 'agreed' ? '' : p.yellow(state === 'disagreement' ? '  ! désaccord' : '  ! désaccord nouveau')}`,
        ...lines.map((line) => p.dim(`      ${line}`)),
      ]),
    ])
    .join('\n');
}
