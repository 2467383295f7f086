import { Option, type Command } from 'commander';
import { displayNames } from '../db/people.js';
import { labelText, type CentreObservation } from '../domain/centre.js';
import { KIND_WORDS, STATE_WORDS } from '../domain/change.js';
import { frenchDay, momentText } from '../domain/time.js';
import { CodeBook } from '../ror/codes.js';
import { describe } from '../ror/describe.js';
import { termOf, termRank } from '../ror/terms.js';
import { asOf, type AsOf, type PastOffer, type PastRecord } from '../runs/as-of.js';
import { pastDay } from '../runs/as-of-day.js';
import { happenings, peopleOf, saidText, type Happening } from '../runs/as-of-events.js';
import { elementsIn } from '../runs/as-of-offer.js';
import { bodiesThen, recordOfCentre, recordOfOffer } from '../runs/as-of-record.js';
import type { RunContext } from '../runs/context.js';
import type { CommandContext } from './context.js';
import { addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';

const HELP = `
Exemples :
  filror show-at cmr_abcdefghijklmnop --date 2026-03-12
  filror show-at 28/0000012 --date 2026-03-12 --output json

Ce que filror avait lu, proposé et enregistré à la fin de cette journée, heure de Paris : ce que le ROR et les listes
disaient, les changements ouverts, qui avait décidé. La page du centre montre la même chose. Rien n’est écrit.
Code de retour : 0, 1 erreur.`;

interface ShowAtOptions extends RegionOptions {
  readonly date: string;
}

export function registerShowAt(program: Command, context: CommandContext): void {
  addRegionOptions(
    program
      .command('show-at <centre-ou-offre>')
      .description('montrer un centre, ou une offre, à une date passée'),
  )
    .addOption(new Option('--date <jour>', 'à la fin de ce jour, 2026-03-12').makeOptionMandatory())
    .addHelpText('after', HELP)
    .action(async (wanted: string, options: ShowAtOptions) => {
      await withRegion(context, options, async (run) => {
        const day = pastDay(options.date, run.now());
        const record = wanted.startsWith('cmr_')
          ? await recordOfCentre(run, wanted)
          : await recordOfOffer(run, wanted);
        const then = asOf(record, day.end);
        const bodies = await bodiesThen(run, [then]);
        const past = await happenedBy(run, record, day.end);
        await context.out(
          outputOf(options) === 'json'
            ? `${JSON.stringify(outputAt(day.iso, then, bodies, past))}\n`
            : `${textAt(`${wanted}, à la fin du ${frenchDay(day.iso)}`, then, bodies, past, new CodeBook(run.config.codes))}\n`,
        );
      });
    });
}

async function happenedBy(run: RunContext, record: PastRecord, end: Date): Promise<Happening[]> {
  const names = await displayNames(run.db, peopleOf(record));
  const all = happenings(record, (person) => names.get(person) ?? 'personne effacée');
  return all.filter(({ at }) => at.getTime() <= end.getTime());
}

type Bodies = ReadonlyMap<number, string>;

function bodyOf({ read }: PastOffer, bodies: Bodies): string | null {
  return read.kind === 'read' ? (bodies.get(read.version.no) ?? null) : null;
}

function outputAt(date: string, then: AsOf, bodies: Bodies, past: readonly Happening[]): object {
  return {
    date,
    instant: then.instant.toISOString(),
    offers: then.offers.map((offer) => ({
      offer: offer.identifier,
      ...offer.read,
      centres: offer.links.map(({ centre, link, since }) => ({ centre, link, since })),
      elements: Object.fromEntries(elementsIn(bodyOf(offer, bodies))),
      served: Object.fromEntries(
        [...offer.ours.values()]
          .filter(({ channel }) => channel === 'served')
          .map(({ key, readBack }) => [key, readBack]),
      ),
    })),
    lists: then.said.map(({ source, locator, content, from }) => ({
      source,
      locator,
      receivedAt: from.fetchedAt,
      ...publicPart(JSON.parse(content) as CentreObservation),
    })),
    open: then.open.map(({ change: { id, kind, target, elements }, state }) => ({
      id,
      kind,
      state,
      target,
      elements,
    })),
    past,
  };
}

/** The head of a centre is for signed-in professionals (DESIGN 6, rule 9): no output names them. */
function publicPart({ label, title, network, filiere, hospital, town }: CentreObservation): object {
  return { label: labelText(label), title, network, filiere, hospital, town };
}

function textAt(
  title: string,
  then: AsOf,
  bodies: Bodies,
  past: readonly Happening[],
  codes: CodeBook,
): string {
  const part = (heading: string, lines: readonly string[]): string =>
    [heading, ...(lines.length === 0 ? ['  rien'] : lines.map((line) => `  ${line}`))].join('\n');
  return [
    title,
    part(
      'Ce que le ROR disait, tel que filror l’avait lu',
      then.offers.flatMap((offer) => offerLines(offer, bodyOf(offer, bodies), codes)),
    ),
    part(
      'Ce que les listes disaient',
      then.said.map(
        (each) => `${each.source} (reçu le ${momentText(each.from.fetchedAt)}) : ${saidText(each)}`,
      ),
    ),
    part(
      'Ce que filror proposait',
      then.open.map(
        ({ change: { id, kind }, state }) =>
          `${id} : ${KIND_WORDS[kind].word} (${state === null ? 'état non connu' : STATE_WORDS[state]})`,
      ),
    ),
    part(
      'Qui avait décidé, et ce qui était parti',
      past
        .filter(({ theme }) => theme === 'people' || theme === 'sending')
        .map(({ at, text, change }) => `${momentText(at)} : ${text}${change === null ? '' : ` [${change}]`}`),
    ),
  ].join('\n\n');
}

function offerLines(offer: PastOffer, body: string | null, codes: CodeBook): string[] {
  const { identifier, read } = offer;
  switch (read.kind) {
    case 'unread':
      return [
        `offre ${identifier} : pas encore lue${read.first === null ? '' : ` (première lecture le ${momentText(read.first)})`}`,
      ];
    case 'gone':
      return [`offre ${identifier} : n’y était plus depuis le ${momentText(read.since)}`];
    case 'read':
      return [
        `offre ${identifier} : version ${read.version.versionId ?? 'sans numéro'}, lue le ${momentText(read.version.seenAt)}`,
        ...[...elementsIn(body)]
          .sort(([a], [b]) => termRank(a) - termRank(b))
          .map(([key, value]) => `  ${termOf(key)} : ${describe(value, codes).lines.join(' ; ')}`),
      ];
  }
}
