import type { Command } from 'commander';
import { unsettledAttempts } from '../db/attempts.js';
import { changesByIds, changesInStates } from '../db/changes.js';
import { applyApproved, rehearse, type Rehearsal } from '../apply/executor.js';
import type { Receipt } from '../apply/context.js';
import { contextOf } from '../apply/context-of.js';
import type { RunContext } from '../runs/context.js';
import { loggerFrom } from './log.js';
import type { CommandContext } from './context.js';
import { centresOf } from './changes.js';
import { addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';
import { changeLine } from './render.js';
import { DEFAULT_FOLDER, printSheets, sheetsTold } from './sheets.js';
import { hasColour, paint } from './terminal.js';

interface ApplyOptions extends RegionOptions {
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly out?: string;
}

const HELP = `
Exemples :
  filror apply --region 28 --dry-run
  filror apply --region 28
  filror apply --region 28 --resume
  filror apply --region 28 --out fiches

Seuls les changements approuvés partent, un par un, et seulement si l’offre n’a pas bougé dans le ROR. Chaque écriture
est relue. --resume règle d’abord ce qu’une coupure ou une réponse perdue a laissé en suspens : il cherche avant
d’écrire, et attend quand il ne peut pas savoir. (« filror apply » seul fait de même ; --resume le dit.)
Là où le profil de la région dit « sheet », rien n’est écrit : chaque changement approuvé, et accordé par l’établissement,
devient une fiche de saisie (page à imprimer et JSON) dans le dossier de --out ; la file « filror queue list » le suit.
Code de retour : 0 tout est appliqué ou rien à faire, 2 il reste des changements en attente, 1 erreur.`;

export function registerApply(program: Command, context: CommandContext): void {
  addRegionOptions(program.command('apply').description('envoyer au répertoire régional ce qui est approuvé'))
    .option('--resume', 'reprendre après une coupure')
    .option('--dry-run', 'montrer ce qui partirait, sans rien envoyer')
    .option('--out <dossier>', 'où écrire les fiches de saisie', DEFAULT_FOLDER)
    .addHelpText('after', HELP)
    .action(async (options: ApplyOptions) => {
      await withRegion(context, options, async (run) => {
        if (options.dryRun === true) await preview(context, run, options);
        else await send(context, run, options);
      });
    });
}

async function preview(context: CommandContext, run: RunContext, options: ApplyOptions): Promise<void> {
  const approved = await changesInStates(run.db, run.region.code, ['approved']);
  const unsettled = await unsettledAttempts(run.db, run.region.code);
  const rehearsals: Rehearsal[] = [];
  const unsent = contextOf(run, () => undefined);
  for (const change of approved) rehearsals.push(await rehearse(unsent, change));
  const leaving = rehearsals.filter(({ leaves }) => leaves !== 'no');
  if (outputOf(options) === 'json') {
    const told = rehearsals.map(({ change: { id, kind, hash }, leaves, way, why }) => ({
      change: id,
      kind,
      hash,
      leaves,
      way,
      why,
    }));
    await context.out(`${JSON.stringify(told)}\n`);
  } else {
    const p = paint(hasColour(process.stdout, context.env) ? 'colour' : 'plain');
    const centres = await centresOf(run);
    const lines = rehearsals.map(
      ({ change, why }) =>
        `${changeLine(change, centres, p)}${why === null ? '' : `\n    ne partirait pas : ${why}`}`,
    );
    const handed = leaving.filter(({ leaves }) => leaves === 'handed').length;
    const told = [
      `${leaving.length} changement(s) partiraient sur ${approved.length} approuvé(s)${handed === 0 ? '' : `, dont ${handed} par fiche ou signalement`}.`,
      ...(unsettled.length === 0
        ? []
        : [`${unsettled.length} envoi(s) resté(s) en suspens seraient d’abord réglés.`]),
      'Rien n’a été envoyé. Ce que seul le ROR sait (offre modifiée, établissement absent) se vérifie à l’envoi.',
    ];
    await context.out(`${[...lines, ...told].join('\n')}\n`);
  }
  process.exitCode = leaving.length + unsettled.length > 0 ? 2 : 0;
}

async function send(context: CommandContext, run: RunContext, options: ApplyOptions): Promise<void> {
  const output = outputOf(options);
  const waiting = await changesInStates(run.db, run.region.code, ['approved']);
  const unsettled = await unsettledAttempts(run.db, run.region.code);
  if (waiting.length + unsettled.length === 0) {
    await context.out(output === 'json' ? '[]\n' : 'Rien à envoyer : aucun changement approuvé n’attend.\n');
    return;
  }
  const log = loggerFrom(context.env);
  const told: Receipt[] = [];
  const sending = contextOf(run, (receipt, done, total) => {
    run.progress({ step: 'envoi', done, total });
    const { change, result, way, status, offer } = receipt;
    log.info('change sent', { region: run.region.code, change, result, way, status, offer });
    told.push(receipt);
  });
  const receipts = await applyApproved(sending).catch((error: unknown) => {
    // What was done before the fault is told all the same.
    if (output === 'text') for (const receipt of told) context.err(`${receiptLine(receipt)}\n`);
    throw error;
  });
  if (output === 'json') await context.out(`${JSON.stringify(receipts)}\n`);
  else await context.out([...receipts.map(receiptLine), sentText(receipts), ''].join('\n'));
  const handed = receipts.filter((receipt) => receipt.way === 'sheet').map((receipt) => receipt.change);
  if (handed.length > 0) {
    const pages = await printSheets(run, await changesByIds(run.db, run.region.code, handed), options.out);
    if (output === 'text') await context.out(sheetsTold(pages));
  }
  const left = await changesInStates(run.db, run.region.code, ['approved', 'uncertain', 'conflict']);
  process.exitCode = left.length > 0 ? 2 : 0;
}

const RESULT_WORDS: Readonly<Record<Receipt['result'], string>> = {
  applied: 'appliqué',
  transmitted: 'à saisir',
  conflict: 'en conflit',
  refused: 'refusé',
  uncertain: 'incertain',
  waiting: 'en attente',
  skipped: 'non envoyé',
};

/** What was written, and what somebody else has to type: two ways, never one count for both. */
export function sentText(receipts: readonly Receipt[]): string {
  const count = (result: Receipt['result']): number =>
    receipts.filter((receipt) => receipt.result === result).length;
  const [applied, sheets] = [count('applied'), count('transmitted')];
  if (sheets === 0) return `${applied} changement(s) appliqués sur ${receipts.length}.`;
  const left = receipts.length - applied - sheets;
  return [
    `${sheets} fiche${sheets > 1 ? 's' : ''} à transmettre`,
    `${applied} écrit${applied > 1 ? 's' : ''} dans le ROR`,
    ...(left === 0 ? [] : [`${left} non envoyé${left > 1 ? 's' : ''} (voir ci-dessus)`]),
  ]
    .join(', ')
    .concat('.');
}

export function receiptLine(receipt: Receipt): string {
  const how = [
    receipt.way === 'sheet' ? null : receipt.way,
    receipt.status,
    receipt.offer,
    receipt.version === null ? null : `version ${receipt.version}`,
  ]
    .filter((part) => part !== null && part !== undefined)
    .join(', ');
  return `${receipt.change}  ${RESULT_WORDS[receipt.result].padEnd(11)} ${receipt.message}${how === '' ? '' : ` (${how})`}`;
}
