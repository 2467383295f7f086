import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { counted } from '../domain/counted.js';
import { DataError } from '../domain/errors.js';
import { momentText } from '../domain/time.js';
import { draftList } from '../runs/described-draft.js';
import {
  describedBy,
  RELATION_WORDS,
  type Described,
  type DescribedOffer,
  type Relation,
} from '../runs/described.js';
import type { CommandContext } from './context.js';
import { addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';

const HELP = `
Exemples :
  filror mirror offers --region 28
  filror mirror offers --region 28 --only unlisted
  filror mirror offers --region 28 --draft a-completer.csv

Ce que le répertoire dit déjà des maladies rares, d’après la dernière lecture, à côté de ce que disent les listes : offres
de nos centres, offres que personne n’a encore rattachées, offres qu’aucune liste n’explique, doublons, désaccords. C’est le
premier état d’une région, avant même sa première liste. Rien n’est écrit dans le répertoire.
--draft écrit les offres sans liste comme le début d’une liste de centres labellisés : complétez label, filière et campagne,
puis donnez-la à « filror sync --source labelled-centres=FICHIER ». Code de retour : 0, ou 1 en cas d’erreur.`;

const ONLY = ['ours', 'asked', 'unlisted', 'different'] as const;
type Only = (typeof ONLY)[number];

interface OffersOptions extends RegionOptions {
  readonly only?: string;
  readonly draft?: string;
}

export function registerMirrorOffers(mirror: Command, context: CommandContext): void {
  addRegionOptions(mirror.command('offers').description('ce que le répertoire dit déjà des maladies rares'))
    .option(
      '--only <quoi>',
      'ours (nos centres), asked (à rattacher ?), unlisted (sans liste), different (désaccord)',
    )
    .option('--draft <fichier.csv>', 'écrire les offres sans liste comme le début d’une liste')
    .addHelpText('after', HELP)
    .action(async (options: OffersOptions) => {
      const only = onlyOf(options.only);
      const output = outputOf(options);
      await withRegion(context, options, async (run) => {
        const described = await describedBy(run);
        const { readAt } = described;
        if (readAt === null) throw neverRead(run.region.code);
        const offers = described.offers.filter((offer) => isWanted(offer, only));
        if (options.draft !== undefined)
          writeDraft(options.draft, draftList(described.offers, run.config, readAt));
        if (output === 'json') await context.out(`${JSON.stringify({ ...described, offers })}\n`);
        else
          await context.out(
            `${[...describedText(run.region.name, described, readAt, offers), ...draftText(options.draft, described)].join('\n')}\n`,
          );
      });
    });
}

/** @throws DataError `MIRROR_ONLY` */
function onlyOf(word: string | undefined): Only | null {
  if (word === undefined) return null;
  const known = ONLY.find((each) => each === word);
  if (known !== undefined) return known;
  throw new DataError({
    code: 'MIRROR_ONLY',
    message: `« ${word} » n’est pas une sorte d’offres.`,
    place: '--only',
    remedy: `choisissez parmi : ${ONLY.join(', ')}.`,
  });
}

function isWanted({ relation, disagreements }: DescribedOffer, only: Only | null): boolean {
  if (only === null) return true;
  return only === 'different' ? disagreements.length > 0 : relation === only;
}

function neverRead(region: string): DataError {
  return new DataError({
    code: 'MIRROR_EMPTY',
    message: 'Le répertoire de la région n’a jamais été lu.',
    place: `région ${region}`,
    remedy: `lancez « filror mirror refresh --region ${region} --full », ou --export pour une grande région.`,
  });
}

/** Never over a file that is there: somebody may have begun to complete it. @throws DataError `DRAFT_FILE` */
function writeDraft(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new DataError({
      code: 'DRAFT_FILE',
      message: exists
        ? 'Ce fichier existe déjà : il n’est pas remplacé.'
        : 'Le fichier ne peut pas être écrit.',
      place: file,
      remedy: exists
        ? 'donnez un autre nom, ou ôtez l’ancien.'
        : 'donnez un dossier qui existe et où vous pouvez écrire.',
    });
  }
}

/** A sentence first, then the offers, then what lacks and what is double. */
export function describedText(
  region: string,
  { offers: all, missing, duplicates, alike }: Described,
  readAt: Date,
  shown: readonly DescribedOffer[],
): string[] {
  const count = (wanted: Relation): number => all.filter(({ relation }) => relation === wanted).length;
  const different = all.filter(({ disagreements }) => disagreements.length > 0).length;
  return [
    `${region}, répertoire lu le ${momentText(readAt)} : ${counted(all.length, 'offre')} de maladies rares, ${counted(count('ours'), 'décrit un centre des listes', 'décrivent des centres des listes')}, ${count('asked')} à rattacher peut-être, ${counted(count('unlisted'), 'sans liste', 'sans liste')} ; ${counted(different, 'désaccord')}.`,
    ...shown.flatMap(offerLines),
    '',
    missing === null
      ? 'Aucune liste n’a encore été lue : filror sync dira quels centres manquent au répertoire.'
      : `${counted(missing.length, 'centre des listes n’a', 'centres des listes n’ont')} aucune offre.`,
    ...duplicates.map(
      ({ number, ids }) =>
        `! le numéro ${number} est porté ${ids.length} fois (${ids.join(', ')}). Que faire : demandez au GRADeS de corriger le doublon.`,
    ),
    ...alike.map(
      (identifiers) =>
        `~ même site, mêmes familles, même niveau : ${identifiers.join(', ')}. Que faire : demandez à l’établissement si c’est une seule consultation.`,
    ),
  ];
}

function offerLines(offer: DescribedOffer): string[] {
  const { identifier, name, eg, site, signs, levels, relation, centres, disagreements } = offer;
  const where =
    site === null
      ? (eg ?? 'site inconnu')
      : `${[site.name, site.town].filter((part) => part !== null).join(', ')} (${eg ?? ''})`;
  return [
    '',
    `${identifier} « ${name || 'sans nom'} » : ${RELATION_WORDS[relation]}`,
    `    ${where}`,
    `    ${signs.length === 0 ? 'ne dit plus de maladie rare' : signs.join(' ; ')}${levels.length === 0 ? '' : ` ; niveau ${levels.join(', ')}`}`,
    ...centres.map(({ id, name: centre }) => `    centre : ${centre} (${id})`),
    ...disagreements.map(
      ({ offer: said, lists }) => `    ! l’offre dit ${said}, les listes disent ${lists}.`,
    ),
  ];
}

function draftText(file: string | undefined, { offers }: Described): string[] {
  if (file === undefined) return [];
  const count = offers.filter(({ relation }) => relation === 'unlisted').length;
  return [
    '',
    `${counted(count, 'offre écrite', 'offres écrites')} dans ${file}. Que faire : complétez label, filière, public et campagne, puis filror sync --source labelled-centres=${file}.`,
  ];
}
