import { setTimeout as sleep } from 'node:timers/promises';
import { contextOf } from '../../apply/context-of.js';
import { rehearse, type Rehearsal } from '../../apply/executor.js';
import { unsettledAttempts } from '../../db/attempts.js';
import { changesInStates } from '../../db/changes.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { claimKind } from '../../schedule/request.js';
import { route, STAFF } from '../route.js';
import { atWork, workerOf, type AtWork } from '../scheduling.js';
import { kindBadge, titleOf, type Centres } from './parts.js';

/** Changes that are rehearsed for the page: each takes a transaction that holds the region. All are sent. */
const REHEARSED = 100;
/** A sending that ends within it is told on the page that follows. */
const SOON_MS = 5_000;

/** What would leave now, and what would not and why; nothing is sent by looking. */
export const sendingPage = route({
  method: 'GET',
  path: '/envoi',
  roles: STAFF,
  menu: 'Envoi',
  handle: async (request) => {
    const { run, region, roles, token } = request;
    const approved = await changesInStates(run.db, region.code, ['approved']);
    const unsettled = await unsettledAttempts(run.db, region.code);
    const centres = await plannedCentres(run);
    const context = contextOf(run, () => undefined);
    const rehearsals: Rehearsal[] = [];
    for (const change of approved.slice(0, REHEARSED)) rehearsals.push(await rehearse(context, change));
    const left = approved.length - rehearsals.length;
    return {
      kind: 'page',
      title: 'Envoi',
      body: html`<h1>Envoi au répertoire régional</h1>
        <p class="lead">
          ${approved.length === 0 ? 'Aucun changement approuvé n’attend.' : `${counted(approved.length, 'changement approuvé attend', 'changements approuvés attendent')} l’envoi.`}
          ${unsettled.length === 0 ? null : `${counted(unsettled.length, 'envoi resté en suspens sera d’abord réglé', 'envois restés en suspens seront d’abord réglés')}.`}
        </p>
        <p>
          Seul ce qui est approuvé part, un changement après l’autre, et seulement si l’offre n’a pas bougé
          dans le ROR. Chaque écriture est relue. Là où la région saisit elle-même, l’envoi remet une fiche de
          saisie.
        </p>
        ${rehearsals.length === 0 ? null : table(region.code, rehearsals, centres)}
        ${left === 0 ? null : html`<p>… et ${left} autres, qui ne sont pas essayés sur cette page.</p>`}
        ${
          !roles.has('operator')
            ? html`<p>Envoyer demande le droit d’opérateur ; un envoi peut aussi être planifié.</p>`
            : approved.length + unsettled.length === 0
              ? null
              : html`<form method="post" action="/${region.code}/envoi" class="act">
                  ${token}<button class="primary">Envoyer maintenant ce qui peut partir</button>
                </form>`
        }`,
    };
  },
});

function table(region: string, rehearsals: readonly Rehearsal[], centres: Centres): Html {
  return html`<table class="stack">
    <caption>
      Ce que donnerait l’envoi maintenant
    </caption>
    <thead>
      <tr>
        <th scope="col">Changement</th>
        <th scope="col">Genre</th>
        <th scope="col">À l’envoi</th>
      </tr>
    </thead>
    <tbody>
      ${rehearsals.map(
        ({ change, leaves, way, why }) =>
          html`<tr>
            <th scope="row">
              <a href="/${region}/changements/${change.id}">${titleOf(change, centres)}</a>
            </th>
            <td data-label="Genre">${kindBadge(change.kind)}</td>
            <td data-label="À l’envoi">
              ${leaves === 'no' ? `ne part pas : ${why ?? ''}` : LEAVES[way ?? 'none']}
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const LEAVES: Readonly<Record<NonNullable<Rehearsal['way']>, string>> = {
  post: 'écrit dans le ROR : offre créée',
  patch: 'écrit dans le ROR',
  put: 'écrit dans le ROR',
  none: 'retenu pour la diffusion, rien à écrire dans le ROR',
  sheet: 'remis par une fiche de saisie',
  task: 'signalé au répertoire (anomalie)',
};

export const sendPost = route({
  method: 'POST',
  path: '/envoi',
  roles: ['operator'],
  handle: async (request) => {
    const { region, person } = request;
    const claim = await claimKind(workerOf(request), region, 'apply', person);
    const { end, over } = atWork(request, claim);
    await Promise.race([over, sleep(SOON_MS)]);
    return { kind: 'seeOther', to: `/${region.code}/envoi`, notice: told(end) };
  },
});

/** "3 appliqués, 1 en conflit." */
function told({ ended, over }: AtWork['end']): string {
  if (!over) return 'Envoi commencé : rechargez cette page pour voir ce qui reste. Vous pouvez la quitter.';
  if (ended === null || ended === 'lost')
    return 'L’envoi s’est arrêté : voyez ce qui reste, puis recommencez.';
  if (ended.error !== null)
    return `Envoi en échec : ${ended.error.message} Que faire : ${ended.error.remedy}`;
  const results = (ended.outcome as { results?: Readonly<Record<string, number>> } | null)?.results ?? {};
  const parts = Object.entries(results).map(
    ([result, many]) => RESULTS[result]?.(many) ?? `${String(many)} ${result}`,
  );
  return parts.length === 0 ? 'Rien à envoyer.' : `Envoi terminé : ${parts.join(', ')}.`;
}

const RESULTS: Readonly<Record<string, (many: number) => string>> = {
  applied: (many) => counted(many, 'changement appliqué', 'changements appliqués'),
  transmitted: (many) => counted(many, 'changement remis pour saisie', 'changements remis pour saisie'),
  conflict: (many) => counted(many, 'changement en conflit', 'changements en conflit'),
  refused: (many) =>
    counted(many, 'changement refusé par le répertoire', 'changements refusés par le répertoire'),
  uncertain: (many) => counted(many, 'changement sans réponse sûre', 'changements sans réponse sûre'),
  waiting: (many) => counted(many, 'changement qui attend encore', 'changements qui attendent encore'),
  skipped: (many) => counted(many, 'changement non envoyé', 'changements non envoyés'),
};
