import { createReadStream, existsSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { AgreementChannel, AgreementDocument } from '../db/agreements.js';
import { DataError } from '../domain/errors.js';
import { CHANNEL_WORDS, recordAgreement, type GivenAgreement } from '../followup/agree.js';
import { followupContext } from '../followup/context.js';
import { oneChange } from './changes.js';
import type { CommandContext } from './context.js';
import {
  addDryRun,
  addRegionOptions,
  outputOf,
  tellDryRun,
  withRegion,
  type RegionOptions,
} from './region.js';
import { fold } from '../normalise/text.js';

interface AgreeOptions extends RegionOptions {
  readonly by?: string;
  readonly how?: string;
  readonly date?: string;
  readonly document?: string;
  readonly refused?: boolean;
  readonly undo?: boolean;
  readonly reason?: string;
}

const HELP = `
Exemples :
  filror agree k3x7 --by "directrice des affaires médicales, CHU de Rouen" --how courriel --date 2026-03-12 --document accord.pdf --region 28
  filror agree k3x7 m2p4 --by "référent ROR, CHU de Caen" --how réunion --date 2026-03-12 --document "compte rendu du 12/03/2026, point 4" --region 28
  filror agree k3x7 --refused --reason "unité en cours de transfert" --by "référent ROR, CHU de Rouen" --how téléphone --date 2026-03-12 --region 28
  filror agree k3x7 --undo --reason "accord donné pour un autre site" --region 28

L’accord vaut pour la forme exacte montrée par « filror show » et ne remplace pas l’approbation. Dites la fonction et
l’établissement, jamais un nom ni des coordonnées. D’un fichier donné à --document, filror garde le nom et l’empreinte,
pas le contenu : classez-le. Un accord se reprend (--undo) tant que rien n’est parti.`;

export function registerAgree(program: Command, context: CommandContext): void {
  addDryRun(
    addRegionOptions(
      program
        .command('agree <changements...>')
        .description('enregistrer l’accord (ou le refus) de l’établissement sur des changements'),
    ),
  )
    .option('--by <fonction>', 'fonction et établissement de qui répond : "référent ROR, CHU de Rouen"')
    .option('--how <voie>', `comment : ${Object.values(CHANNEL_WORDS).join(', ')}`)
    .option('--date <jour>', 'jour de la réponse, 2026-03-12')
    .option('--document <fichier ou référence>', 'ce qui la prouve : un fichier, ou sa référence')
    .option('--refused', 'l’établissement refuse (avec --reason)')
    .option('--undo', 'reprendre un accord ou un refus enregistré (avec --reason)')
    .option('--reason <texte>', 'raison du refus ou de la reprise')
    .addHelpText('after', HELP)
    .action(async (ids: readonly string[], options: AgreeOptions) => {
      const given = await givenBy(options);
      await withRegion(context, options, async (run) => {
        const changes = await Promise.all(ids.map((id) => oneChange(run, id)));
        await recordAgreement(followupContext(run), changes, given);
        const said = { agree: 'Accord enregistré', refuse: 'Refus enregistré', undo: 'Repris' }[
          given.verdict
        ];
        await context.out(
          outputOf(options) === 'json'
            ? `${JSON.stringify(changes.map(({ id, hash }) => ({ change: id, hash, verdict: given.verdict })))}\n`
            : changes.map((change) => `${said} : ${change.id}.\n`).join(''),
        );
        await tellDryRun(context, options);
      });
    });
}

async function givenBy(options: AgreeOptions): Promise<GivenAgreement> {
  if (options.undo === true) return { verdict: 'undo', reason: needed(options, 'reason') };
  const told = {
    by: needed(options, 'by'),
    channel: channelOf(needed(options, 'how')),
    on: needed(options, 'date'),
  };
  if (options.refused === true) {
    const document = options.document === undefined ? null : await documentOf(options.document);
    return { verdict: 'refuse', ...told, document, reason: needed(options, 'reason') };
  }
  const document = await documentOf(needed(options, 'document'));
  return { verdict: 'agree', ...told, document, reason: options.reason ?? null };
}

/** @throws DataError `OPTION_MISSING` */
function needed(options: AgreeOptions, name: 'by' | 'how' | 'date' | 'document' | 'reason'): string {
  const value = options[name];
  if (value !== undefined && value.trim() !== '') return value;
  throw new DataError({
    code: 'OPTION_MISSING',
    message: `L’option --${name} manque.`,
    place: `--${name}`,
    remedy: 'un accord se garde avec qui, quand, comment et sa preuve : voyez « filror agree --help ».',
  });
}

/** @throws DataError `CHANNEL_UNKNOWN` */
function channelOf(word: string): AgreementChannel {
  const found = Object.entries(CHANNEL_WORDS).find(([, french]) => fold(french) === fold(word));
  if (found !== undefined) return found[0] as AgreementChannel;
  throw new DataError({
    code: 'CHANNEL_UNKNOWN',
    message: `« ${word} » n’est pas une voie connue.`,
    place: '--how',
    remedy: `choisissez parmi : ${Object.values(CHANNEL_WORDS).join(', ')}.`,
  });
}

/** A file that exists is kept by name and hash; anything else is a reference in somebody's filing. */
async function documentOf(text: string): Promise<AgreementDocument> {
  if (!existsSync(text) || !statSync(text).isFile()) return { name: null, sha256: null, reference: text };
  const hash = createHash('sha256');
  for await (const part of createReadStream(text)) hash.update(part as Buffer);
  return { name: basename(text), sha256: hash.digest('hex'), reference: null };
}
