import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { grantsOf, type GrantRow } from '../db/grants.js';
import { identifyPerson } from '../db/person.js';
import { ROLES, type Role } from '../db/people.js';
import { ROLE_WORDS } from '../domain/roles.js';
import {
  deputyText,
  giveGrant,
  grantState,
  nameDeputy,
  renewGrant,
  withdrawGrant,
  type GrantContext,
  type GrantState,
} from '../review/grants.js';
import type { RunContext } from '../runs/context.js';
import type { CommandContext } from './context.js';
import {
  addDryRun,
  addRegionOptions,
  outputOf,
  tellDryRun,
  withRegion,
  type RegionOptions,
} from './region.js';

const HELP = `
Exemples :
  filror grant list --region 28
  filror grant give --region 28 --issuer https://connexion.exemple.fr --subject 899700000000 --role administrator
  filror grant give --region 28 --issuer https://connexion.exemple.fr --subject abc --role establishment --ej 760780239
  filror grant confirm 12 --region 28
  filror grant revoke 12 --region 28 --dry-run
  filror grant deputy --region 28 --issuer https://connexion.exemple.fr --subject abc --for 12 --from 2026-08-01 --until 2026-08-31

La première personne qui administre une région se nomme ici ; les autres droits se donnent sur la page « Droits ».
--issuer et --subject sont ceux de l’émetteur (web.yaml) : la personne peut ne s’être encore jamais connectée.
Rôles : reader lecteur, operator opérateur, reviewer valideur, establishment établissement, administrator administrateur.`;

const STATE_WORDS: Readonly<Record<GrantState, string>> = {
  active: '= en vigueur',
  unconfirmed: '! à confirmer',
  notYet: '· à venir',
  over: '− terminé',
  orphaned: '! sans effet (personne suppléée sans ce droit)',
  persona: '! sans effet (personnage d’essai)',
  revoked: '− retiré',
};

interface PersonOptions extends RegionOptions {
  readonly issuer: string;
  readonly subject: string;
}

export function registerGrant(program: Command, context: CommandContext): void {
  const grant = program
    .command('grant')
    .description('voir, donner, confirmer et retirer les droits ; nommer des suppléants')
    .addHelpText('after', HELP);
  const command = (usage: string, description: string): Command =>
    addRegionOptions(grant.command(usage).description(description)).addHelpText('after', HELP);
  const someone = (each: Command): Command =>
    each
      .requiredOption('--issuer <adresse>', 'émetteur qui identifie la personne')
      .requiredOption('--subject <identifiant>', 'identifiant de la personne chez cet émetteur');

  command('list', 'qui a quel droit').action((options: RegionOptions) =>
    withRegion(context, options, (run) => list(context, run, options)),
  );
  addDryRun(someone(command('give', 'donner un droit')))
    .addOption(
      new Option(
        '--role <rôle>',
        `droit à donner : ${ROLES.map((role) => `${role} (${ROLE_WORDS[role]})`).join(', ')}`,
      )
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .option('--ej <finess>', 'entité juridique, pour le rôle establishment')
    .action((options: PersonOptions & { role: Role; ej?: string }) =>
      acted(context, options, 'Droit donné', async (granting, run) => {
        const wanted = { person: await personOf(run, options), role: options.role, ej: options.ej ?? null };
        return await giveGrant(granting, wanted);
      }),
    );
  addDryRun(command('confirm <numéro>', 'confirmer un droit')).action((no: string, options: RegionOptions) =>
    acted(context, options, 'Droit confirmé', (granting) => renewGrant(granting, numberOf(no))),
  );
  addDryRun(command('revoke <numéro>', 'retirer un droit')).action((no: string, options: RegionOptions) =>
    acted(context, options, 'Droit retiré', (granting) => withdrawGrant(granting, numberOf(no))),
  );
  addDryRun(someone(command('deputy', 'nommer un suppléant, entre deux dates')))
    .requiredOption('--for <numéro>', 'numéro du droit suppléé (filror grant list)', numberOf)
    .requiredOption('--from <jour>', 'première journée, AAAA-MM-JJ')
    .requiredOption('--until <jour>', 'dernière journée comprise, AAAA-MM-JJ')
    .action((options: PersonOptions & { for: number; from: string; until: string }) =>
      acted(context, options, 'Suppléance enregistrée', async (granting, run) => {
        const { from, until } = options;
        return await nameDeputy(granting, {
          person: await personOf(run, options),
          of: options.for,
          from,
          until,
        });
      }),
    );
}

async function list(context: CommandContext, run: RunContext, options: RegionOptions): Promise<void> {
  const grants = await grantsOf(run.db, run.region.code);
  const granting = grantingOf(run);
  const shown = grants.map((grant) => ({ ...grant, state: grantState(grant, granting) }));
  await context.out(
    outputOf(options) === 'json'
      ? `${JSON.stringify(shown)}\n`
      : `${shown.map((grant) => `${grantLine(grant)}  ${STATE_WORDS[grant.state]}`).join('\n') || 'Personne n’a de droit dans cette région.'}\n`,
  );
}

async function acted(
  context: CommandContext,
  options: RegionOptions,
  act: string,
  work: (granting: GrantContext, run: RunContext) => Promise<GrantRow>,
): Promise<void> {
  await withRegion(context, options, async (run) => {
    const grant = await work(grantingOf(run), run);
    await context.out(
      outputOf(options) === 'json' ? `${JSON.stringify(grant)}\n` : `${act} : ${grantLine(grant).trim()}\n`,
    );
    await tellDryRun(context, options);
  });
}

function grantingOf(run: RunContext): GrantContext {
  if (run.actor === null) throw new Error('a command always has somebody who acts');
  return { db: run.db, region: run.region, review: run.config.review, person: run.actor, now: run.now() };
}

async function personOf(run: RunContext, { issuer, subject }: PersonOptions): Promise<string> {
  return await identifyPerson(run.db, { issuer, subject, displayName: null });
}

function grantLine(grant: GrantRow): string {
  const ej = grant.ej === null ? '' : ` (${grant.ej})`;
  return `  ${String(grant.no).padStart(4)}  ${ROLE_WORDS[grant.role]}${ej}, ${grant.name ?? grant.subject}${deputyText(grant)}`;
}

function numberOf(text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('un numéro de « filror grant list » est attendu.');
}
