import type { Command } from 'commander';
import { changesInStates, type StoredChange } from '../db/changes.js';
import { DataError } from '../domain/errors.js';
import { BULK_KINDS } from '../review/bulk.js';
import { approve, reject, type DecisionContext } from '../review/decide.js';
import type { RunContext } from '../runs/context.js';
import { replanNow } from '../runs/act.js';
import type { CommandContext } from './context.js';
import { centresOf, oneChange } from './changes.js';
import {
  addDryRun,
  addRegionOptions,
  outputOf,
  tellDryRun,
  withRegion,
  type RegionOptions,
} from './region.js';
import { changeLine } from './render.js';
import { hasColour, paint } from './terminal.js';

interface ApproveOptions extends RegionOptions {
  readonly allProposed?: boolean;
  readonly kind?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

interface RejectOptions extends RegionOptions {
  readonly reason?: string;
}

const APPROVE_HELP = `
Exemples :
  filror approve k3x7 --region 28 --as dominique
  filror approve --all-proposed --kind create --region 28 --as dominique          (montre seulement)
  filror approve --all-proposed --kind create --yes --region 28 --as dominique

L’approbation vaut pour la forme exacte montrée par « filror show ». Une personne à l’origine d’une valeur ne peut pas
approuver. Les retraits et fermetures ne s’approuvent qu’un par un.`;

export function registerDecisions(program: Command, context: CommandContext): void {
  addRegionOptions(
    program
      .command('approve [changements...]')
      .description('approuver des changements, dans la forme montrée'),
  )
    .option('--all-proposed', 'tous les changements à approuver (avec --kind pour restreindre)')
    .option('--kind <genre>', 'avec --all-proposed : create, attach, modify ou enrich')
    .option('--yes', 'avec --all-proposed : approuver vraiment, après avoir vu la liste')
    .option('--dry-run', 'montrer ce qui serait approuvé, sans rien enregistrer')
    .addHelpText('after', APPROVE_HELP)
    .action(async (ids: readonly string[], options: ApproveOptions) => {
      await withRegion(context, options, async (run) => {
        const changes = await chosen(run, ids, options);
        const preview = options.dryRun === true || (options.allProposed === true && options.yes !== true);
        await (preview ? show(context, run, options, changes) : approveAll(context, run, options, changes));
      });
    });
  addDryRun(
    addRegionOptions(
      program.command('reject <changement>').description('rejeter un changement, avec sa raison (retenue)'),
    ),
  )
    .requiredOption('--reason <texte>', 'pourquoi ; la même valeur ne sera plus proposée pour cette offre')
    .addHelpText(
      'after',
      '\nExemple :\n  filror reject k3x7 --reason "site fermé en 2025" --region 28 --as dominique\n',
    )
    .action(async (id: string, options: RejectOptions) => {
      await withRegion(context, options, async (run) => {
        const change = await oneChange(run, id);
        await reject(decisionContext(run), change, options.reason ?? '');
        const acted = await replanNow(run);
        await context.out(
          outputOf(options) === 'json'
            ? `${JSON.stringify({ change: change.id, state: 'rejected' })}\n`
            : `${options.dryRun === true ? 'Serait rejeté' : 'Rejeté'} : ${change.id}. ${acted.report.summary}\n`,
        );
        await tellDryRun(context, options);
      });
    });
}

async function chosen(
  run: RunContext,
  ids: readonly string[],
  options: ApproveOptions,
): Promise<readonly StoredChange[]> {
  if (options.allProposed !== true) {
    if (ids.length === 0) {
      throw new DataError({
        code: 'NOTHING_CHOSEN',
        message: 'Aucun changement n’est donné.',
        remedy: 'donnez un identifiant (filror changes), ou --all-proposed.',
      });
    }
    return await Promise.all(ids.map((id) => oneChange(run, id)));
  }
  const bulk: readonly string[] = BULK_KINDS;
  if (options.kind !== undefined && !bulk.includes(options.kind)) {
    throw new DataError({
      code: 'KIND_REFUSED',
      message: `« ${options.kind} » ne s’approuve pas en nombre.`,
      place: '--kind',
      remedy: `choisissez parmi ${bulk.join(', ')} ; approuvez les retraits et fermetures un par un.`,
    });
  }
  const proposed = await changesInStates(run.db, run.region.code, ['proposed']);
  return proposed.filter((change) =>
    options.kind === undefined ? bulk.includes(change.kind) : change.kind === options.kind,
  );
}

async function show(
  context: CommandContext,
  run: RunContext,
  options: ApproveOptions,
  changes: readonly StoredChange[],
): Promise<void> {
  const centres = await centresOf(run);
  if (outputOf(options) === 'json') {
    await context.out(`${JSON.stringify(changes.map(({ id, hash }) => ({ change: id, hash })))}\n`);
    return;
  }
  const p = paint(hasColour(process.stdout, context.env) ? 'colour' : 'plain');
  const lines = changes.map((change) => changeLine(change, centres, p));
  const next =
    options.allProposed === true && options.dryRun !== true
      ? 'Relancez avec --yes pour approuver.'
      : 'Rien n’a été enregistré.';
  await context.out(
    `${[...lines, `${changes.length} changement(s) seraient approuvés. ${next}`].join('\n')}\n`,
  );
}

async function approveAll(
  context: CommandContext,
  run: RunContext,
  options: ApproveOptions,
  changes: readonly StoredChange[],
): Promise<void> {
  const results = [];
  for (const [done, change] of changes.entries()) {
    const result = await approve(decisionContext(run), change);
    results.push({ change: change.id, ...result });
    run.progress({ step: 'approbation', done: done + 1, total: changes.length });
    if (outputOf(options) === 'text') {
      await context.out(
        result.approved
          ? `Approuvé : ${change.id} (${result.approvals} sur ${result.quorum}).\n`
          : `Enregistré : ${change.id}, ${result.approvals} approbation(s) sur ${result.quorum} ; il en manque.\n`,
      );
    }
  }
  if (outputOf(options) === 'json') await context.out(`${JSON.stringify(results)}\n`);
}

export function decisionContext(run: RunContext): DecisionContext {
  if (run.actor === null) throw new Error('a decision needs a person');
  return {
    db: run.db,
    region: run.region.code,
    review: run.config.review,
    person: run.actor,
    now: run.now(),
  };
}
