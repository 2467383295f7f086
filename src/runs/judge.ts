import { ORDER_READER } from '../domain/source-ids.js';
import { SourceError } from '../domain/errors.js';
import { formOf, keptOf, repeatedOf } from '../db/deliveries.js';
import type { GateResult } from '../domain/gates.js';
import { blockingGates, checkGates, levelled } from '../sources/gates.js';
import { shrinkGates } from '../sources/gates-shrink.js';
import type { Staged } from './accept.js';
import type { Collected } from './collect.js';
import type { RunContext } from './context.js';

/**
 * Design step 4: the delivery judged as a whole, before it becomes the present one.
 * @throws SourceError `GATE_…` when a blocking gate fails: the run stops with nothing changed
 */
export function judge(context: RunContext, collected: Collected, staged: Staged): readonly GateResult[] {
  const { config, region } = context;
  const { previous } = collected;
  const shared = {
    bytes: collected.bytes,
    form: staged.form,
    kept: staged.kept,
    repeated: staged.repeated,
    previous:
      previous === null
        ? null
        : {
            rows: previous.rows_read,
            kept: keptOf(previous),
            repeated: repeatedOf(previous),
            bytes: previous.bytes,
            form: formOf(previous),
          },
  };
  const results =
    // Every line came and leaves by a person's act: what a file may have lost, it cannot.
    collected.reader === ORDER_READER
      ? []
      : staged.counts.kind === 'plain'
        ? levelled(config.gates, shrinkGates(config.gates, { ...shared, counts: staged.counts }))
        : checkGates(config.gates, region.code, {
            ...shared,
            counts: staged.counts,
            completeFor:
              config.sources[collected.source]?.complete === true ? config.review.currentCampaign : null,
            contentDate: staged.contentDate,
          });
  const blocking = blockingGates(results);
  const [first] = blocking;
  if (first === undefined) return results;
  throw new SourceError({
    code: `GATE_${first.code}`,
    message: `La livraison de « ${collected.source} » est refusée : ${blocking
      .map((result) => `${result.code}, ${result.message}`)
      .join(' ; ')}. Rien n’est changé.`,
    place: collected.fileName,
    remedy:
      first.remedy ??
      'vérifiez que le fichier est entier et de la bonne région ; si la source ne dit pas tous les centres, retirez « complete » dans sources.yaml.',
  });
}
