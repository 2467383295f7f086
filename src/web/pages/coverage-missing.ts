import { STATE_WORDS } from '../../domain/change.js';
import { counted } from '../../domain/counted.js';
import { groupsOf } from '../../domain/groups.js';
import type { CoveredCentre } from '../../runs/coverage.js';
import type { Cell, Figure } from './coverage-figure.js';
import { placeName } from './coverage-places.js';
import { tally } from './coverage-words.js';
import { STANDING_WORDS } from '../charts/signs.js';

/** Centres that are not seen, then those that are while a change of theirs is open; each with where to go on. */
export function missingFigure(region: string, centres: readonly CoveredCentre[]): Figure {
  const unseen = centres.filter(({ standing }) => standing !== 'seen');
  const moving = centres.filter(({ standing, change }) => standing === 'seen' && change !== null);
  return {
    id: 'pas-visibles',
    title: 'Labellisé, mais pas visible',
    finding: findingOf(centres, moving.length),
    chart: null,
    head: ['Centre', 'Label', 'Filière', 'Établissement', 'Dans le ROR', 'Pourquoi', 'Suite'],
    rows: [...unseen, ...moving].map((centre) => row(region, centre)),
    note: 'Visible : l’offre du centre, telle que filror l’a relue, dit son niveau d’expertise. La page « Visible ? » rejoue la recherche elle-même, sous chaque profil d’accès.',
  };
}

function row(region: string, centre: CoveredCentre): Cell[] {
  const { id, name, level, campaign, filiere, place, standing, why, change } = centre;
  return [
    { text: name, href: `/${region}/centres/${id}` },
    campaign === null ? level : `${level} ${String(campaign)}`,
    filiere,
    `${placeName(place)} (FINESS ${place.finess ?? 'inconnu'})`,
    STANDING_WORDS[standing],
    why ?? `son changement est en cours (${change === null ? '' : STATE_WORDS[change.state]})`,
    change === null
      ? 'aucun changement ouvert'
      : { text: `Changement ${change.id}`, href: `/${region}/changements/${change.id}` },
  ];
}

function findingOf(centres: readonly CoveredCentre[], moving: number): string {
  if (centres.length === 0) return 'Aucun centre à montrer ici.';
  const { asked, hidden } = tally(centres);
  const unseen = asked + hidden;
  const waits =
    asked === 0
      ? ''
      : unseen === 1
        ? ' ; une question attend une réponse'
        : ` ; ${counted(asked, 'd’entre eux attend', 'd’entre eux attendent')} une réponse`;
  const first = `${unseenWords(unseen, centres.length)}${waits}.`;
  const changes = changesText(centres.filter(({ standing }) => standing !== 'seen'));
  return moving === 0
    ? `${first}${changes}`
    : `${first}${changes} ${counted(moving, 'centre visible a', 'centres visibles ont')} un changement en cours.`;
}

/** " Leurs changements : à approuver (31), à compléter (2)." */
function changesText(unseen: readonly CoveredCentre[]): string {
  if (unseen.length < 2) return '';
  const states = [...groupsOf(unseen, ({ change }) => change?.state ?? 'none')]
    .map(([state, here]) => ({
      words: state === 'none' ? 'aucun d’ouvert' : STATE_WORDS[state],
      count: here.length,
    }))
    .sort((a, b) => b.count - a.count || (a.words < b.words ? -1 : 1));
  return ` Leurs changements : ${states.map(({ words, count }) => `${words} (${String(count)})`).join(', ')}.`;
}

function unseenWords(unseen: number, all: number): string {
  if (all === 1) return `Le seul centre ${unseen === 0 ? 'est' : 'n’est pas'} visible dans le ROR`;
  if (unseen === 0) return `Les ${String(all)} centres sont visibles dans le ROR`;
  if (unseen === all) return `Aucun des ${String(all)} centres n’est visible dans le ROR`;
  return `${counted(unseen, 'centre n’est pas visible', 'centres ne sont pas visibles')} dans le ROR, sur ${String(all)}`;
}
