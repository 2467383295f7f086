import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { mailAddress } from '../config/schema/mail.js';
import { lastMessages, mailState, pendingMessages, type StoredMessage } from '../db/mail-messages.js';
import { base32 } from '../domain/ids.js';
import { DataError } from '../domain/errors.js';
import { parisClock, parisDay } from '../domain/time.js';
import { addressesOf, type MailContext } from '../mail/context.js';
import { decide } from '../mail/decide.js';
import type { Delivered } from '../mail/deliver.js';
import type { Audience } from '../mail/draft.js';
import { isMailOn, mailRound } from '../mail/round.js';
import { mailDown, mailOff, openPost } from '../mail/smtp.js';
import type { RunContext } from '../runs/context.js';
import type { CommandContext } from './context.js';
import { loggerFrom } from './log.js';
import { mailContext } from './mail-context.js';
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
  filror mail test --to service@exemple.fr
  filror mail send --region 28 --dry-run
  filror mail send --region 28
  filror mail list --region 28

Le serveur et les destinataires se disent dans mail.yaml ; sans serveur, rien n’est envoyé. « filror serve --scheduler »
envoie de lui-même ; send sert sans lui, ou pour ne pas attendre. Aucune adresse n’est gardée ni écrite dans les traces.
Code de retour de send : 0 plus rien n’attend, 2 des courriels attendent un autre essai, 1 erreur.`;

const SHOWN = 20;

export function registerMail(program: Command, context: CommandContext): void {
  const mail = program
    .command('mail')
    .description('envoyer ce qui est à dire par courriel, voir ce qui l’a été, essayer le serveur')
    .addHelpText('after', HELP);
  const command = (usage: string, description: string): Command =>
    mail.command(usage).description(description).addHelpText('after', HELP);

  addDryRun(addRegionOptions(command('send', 'envoyer maintenant ce qui est à dire'))).action(
    (options: RegionOptions) => withRegion(context, options, (run) => send(context, run, options)),
  );
  addRegionOptions(command('list', 'les derniers courriels et ce qu’ils sont devenus')).action(
    (options: RegionOptions) => withRegion(context, options, (run) => list(context, run, options)),
  );
  command('test', 'envoyer un message d’essai à une adresse')
    .requiredOption('--to <adresse>', 'à qui')
    .option(
      '--config <dossier>',
      'dossier de configuration qui complète celui livré ; défaut : FILROR_CONFIG',
    )
    .action((options: { to: string; config?: string }) => test(context, options));
}

async function send(context: CommandContext, run: RunContext, options: RegionOptions): Promise<void> {
  const mail = mailContext(run.config, context.env, loggerFrom(context.env), run.db);
  if (run.config.mail.server === null) throw mailOff();
  if (!isMailOn(mail, run.region)) throw nobody(run.region.code);
  if (options.dryRun === true) return await preview(context, run, mail, options);
  const done = await mailRound(mail, run.region, 'now');
  if (done.down !== null) throw mailDown(run.config.mail, done.down);
  const waiting = (await pendingMessages(run.db, run.region.code)).length;
  process.exitCode = waiting > 0 ? 2 : 0;
  await context.out(
    outputOf(options) === 'json'
      ? `${JSON.stringify({ ...done, waiting })}\n`
      : `${doneText(done, waiting)}\n`,
  );
}

function doneText({ messages, recipients, refused }: Delivered, waiting: number): string {
  return [
    messages === 0
      ? 'Rien à envoyer.'
      : `Courriels : ${messages}, pris par le serveur pour ${recipients} adresse(s), refusés pour ${refused}.`,
    ...(refused === 0
      ? []
      : [
          'Que faire : des adresses n’existent pas ou plus ; corrigez mail.yaml (filror mail list dit pour qui).',
        ]),
    ...(waiting === 0 ? [] : [`En attente d’un autre essai : ${waiting} (filror mail list).`]),
  ].join('\n');
}

async function preview(
  context: CommandContext,
  run: RunContext,
  mail: MailContext,
  options: RegionOptions,
): Promise<void> {
  await decide(mail, run.region);
  const waiting = await pendingMessages(run.db, run.region.code);
  const shown = waiting.map((message) => ({
    ...told(message),
    recipients: addressesOf(mail, run.region.code, message.audience as Audience).length,
    body: message.body,
  }));
  process.exitCode = shown.length > 0 ? 2 : 0;
  await context.out(
    outputOf(options) === 'json'
      ? `${JSON.stringify(shown)}\n`
      : shown.length === 0
        ? 'Rien à envoyer.\n'
        : shown
            .map(({ subject, audience, recipients, body }) =>
              [
                `Pour : ${audienceText(audience)}, ${recipients} adresse(s)`,
                `Objet : ${subject}`,
                '',
                body,
              ].join('\n'),
            )
            .join('\n'),
  );
  await tellDryRun(context, options);
}

async function list(context: CommandContext, run: RunContext, options: RegionOptions): Promise<void> {
  const { db, region } = run;
  const messages = await lastMessages(db, region.code, SHOWN);
  const state = await mailState(db, region.code);
  if (outputOf(options) === 'json') {
    const shown = { state, messages: messages.map(told) };
    return await context.out(`${JSON.stringify(shown)}\n`);
  }
  const lines = [
    ...(run.config.mail.server === null ? ['Aucun serveur de courrier n’est configuré (mail.yaml).'] : []),
    ...(state?.retryAt
      ? [`! Le serveur ne prend rien (${state.failures} essai(s)) ; le suivant : ${moment(state.retryAt)}.`]
      : []),
    ...(messages.length === 0 ? ['Aucun courriel.'] : messages.map(lineOf)),
  ];
  await context.out(`${lines.join('\n')}\n`);
}

const STATE_WORDS: Readonly<Record<StoredMessage['state'], string>> = {
  pending: '· à envoyer',
  sent: '= envoyé',
  abandoned: '! abandonné',
};

function lineOf(message: StoredMessage): string {
  const { no, decidedAt, state, audience, taken, refused, lastCode, subject } = message;
  const counts = `${taken.length} pris${refused.length === 0 ? '' : `, ${refused.length} refusé(s)`}`;
  const code = lastCode === null ? '' : `, ${lastCode}`;
  return `  ${String(no).padStart(4)}  ${moment(decidedAt)}  ${STATE_WORDS[state].padEnd(11)}  ${subject}  (${audienceText(audience)} : ${counts}${code})`;
}

function told(message: StoredMessage) {
  const { no, kind, audience, subject, state, decidedAt, endedAt, tries, lastCode, messageId } = message;
  const counts = { taken: message.taken.length, refused: message.refused.length };
  return { no, kind, audience, subject, state, decidedAt, endedAt, tries, lastCode, messageId, ...counts };
}

function audienceText(audience: string): string {
  const [sort, ej = ''] = audience.split(':');
  if (sort === 'establishment') return `correspondant de ${ej}`;
  return (
    { operators: 'exploitation', reviewers: 'équipe PEMR', all: 'exploitation et équipe PEMR' }[sort ?? ''] ??
    ''
  );
}

function moment(at: Date): string {
  return `${parisDay(at)} ${parisClock(at)}`;
}

async function test(context: CommandContext, options: { to: string; config?: string }): Promise<void> {
  const { mail } = loadConfig(options.config);
  if (!mailAddress.safeParse(options.to).success) throw notAnAddress();
  const post = openPost(mail, context.env);
  if (post === null) throw mailOff();
  const domain = mail.from?.split('@')[1] ?? 'localhost';
  const letter = {
    messageId: `filror.essai.${base32(randomBytes(20))}@${domain}`,
    thread: [],
    subject: '[filror] Message d’essai',
    text: 'Ce message d’essai montre que filror peut écrire à cette adresse. Il n’y a rien à faire.\n',
    date: new Date(),
  };
  const sent = await post.send(letter, options.to).finally(() => post.close());
  if (sent.result === 'down') throw mailDown(mail, sent.code);
  if (sent.result !== 'taken') throw refused(sent.code);
  await context.out(
    `Message d’essai pris par ${mail.server?.host ?? ''}:${mail.server?.port ?? ''}. Vérifiez qu’il arrive (indésirables compris).\n`,
  );
}

function notAnAddress(): DataError {
  return new DataError({
    code: 'MAIL_ADDRESS',
    message: 'Ce n’est pas une adresse.',
    place: '--to',
    remedy: 'donnez une seule adresse, sans nom ni chevrons : --to service@exemple.fr.',
  });
}

function refused(code: string): DataError {
  return new DataError({
    code: 'MAIL_REFUSED',
    message: `Le serveur de courrier répond, et refuse ce message ou cette adresse (${code}).`,
    place: '--to',
    remedy: 'vérifiez l’adresse, et que le serveur accepte l’expéditeur « from » de mail.yaml vers elle.',
  });
}

function nobody(region: string): DataError {
  return new DataError({
    code: 'MAIL_NOBODY',
    message: `mail.yaml ne nomme aucun destinataire pour la région ${region}.`,
    place: `mail.yaml, regions.${region}`,
    remedy: 'donnez au moins une adresse à « operators » ou à « reviewers ».',
  });
}
