import { LABEL_LEVELS } from '../../domain/centre.js';
import { counted } from '../../domain/counted.js';
import { groupsOf } from '../../domain/groups.js';
import type { CoveredCentre } from '../../runs/coverage.js';
import { lyingBars } from '../charts/bars.js';
import type { Chart } from '../charts/frame.js';
import { STANDING_FILLS, STANDING_WORDS, STANDINGS } from '../charts/signs.js';
import { withQuery } from '../query-text.js';
import type { Figure } from './coverage-figure.js';
import { tally } from './coverage-words.js';

const TITLE = 'Labels par niveau et par campagne';

/** How many centres have which label, and how many of them are seen. */
export function labelsFigure(
  region: string,
  centres: readonly CoveredCentre[],
  currentCampaign: number,
): Figure {
  const bars = [
    ...groupsOf(centres, ({ level, campaign }) => `${level}|${String(campaign)}`).values(),
  ].flatMap((here) =>
    here[0] === undefined ? [] : [{ first: here[0], counts: tally(here), all: here.length }],
  );
  bars.sort((a, b) => orderOf(a.first) - orderOf(b.first));
  const finding = findingOf(centres, bars, currentCampaign);
  const drawing = (id: string, size: 'wide' | 'narrow'): Chart | null =>
    bars.length === 0
      ? null
      : lyingBars(
          {
            id,
            title: TITLE,
            desc: finding,
            unit: 'nombre de centres',
            series: STANDINGS.map((each) => ({ words: STANDING_WORDS[each], fill: STANDING_FILLS[each] })),
            bars: bars.map(({ first, counts }) => ({
              name: labelText(first),
              values: STANDINGS.map((each) => counts[each]),
            })),
          },
          size,
        );
  return {
    id: 'labels',
    title: TITLE,
    finding,
    chart: drawing('labels', 'wide'),
    narrow: drawing('labels-etroits', 'narrow'),
    head: ['Label', 'Campagne', 'Centres', 'Visibles', 'Question ouverte', 'Pas visibles'],
    rows: bars.map(({ first, counts, all }) => [
      { text: first.level, href: withQuery(`/${region}/centres`, { label: first.level }) },
      first.campaign === null ? 'pas dite' : String(first.campaign),
      all,
      counts.seen,
      counts.asked,
      counts.hidden,
    ]),
    note: 'Le label est celui que filror retient : la source la plus sûre, ou ce qu’une personne a prouvé.',
  };
}

/** Levels in the order of the labelling, the last campaign first. */
function orderOf({ level, campaign }: CoveredCentre): number {
  const rank = (LABEL_LEVELS as readonly string[]).indexOf(level);
  return (rank < 0 ? LABEL_LEVELS.length : rank) * 10_000 - (campaign ?? 0);
}

/** "CCMR 2023", "CCMR, campagne pas dite" */
function labelText({ level, campaign }: CoveredCentre): string {
  return campaign === null ? `${level}, campagne pas dite` : `${level} ${String(campaign)}`;
}

function findingOf(
  centres: readonly CoveredCentre[],
  bars: readonly { readonly first: CoveredCentre; readonly all: number }[],
  currentCampaign: number,
): string {
  const [most] = [...bars].sort((a, b) => b.all - a.all);
  if (most === undefined) return 'Aucun label à montrer ici.';
  const first =
    bars.length === 1
      ? centres.length === 1
        ? `Un seul centre, ${labelText(most.first)}.`
        : `Les ${String(centres.length)} centres ont le même label : ${labelText(most.first)}.`
      : `Le label le plus fréquent est ${labelText(most.first)} : ${counted(most.all, 'centre')} sur ${String(centres.length)}.`;
  const older = centres.filter(({ campaign }) => campaign !== currentCampaign).length;
  return older === 0
    ? `${first} ${centres.length === 1 ? 'Son label est' : 'Tous les labels sont'} de la campagne ${String(currentCampaign)}.`
    : `${first} ${counted(older, 'centre n’a pas de label', 'centres n’ont pas de label')} de la campagne ${String(currentCampaign)}.`;
}
