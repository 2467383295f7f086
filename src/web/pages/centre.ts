import type { StoredChange } from '../../db/changes.js';
import { headOf } from '../../db/centre-heads.js';
import { displayNames } from '../../db/people.js';
import { offerOfTarget } from '../../domain/change.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import type { PersonId } from '../../domain/ids.js';
import { frenchDay, momentText, parisDay } from '../../domain/time.js';
import { centreCard, type CentreCard } from '../../runs/centre-card.js';
import { nameOf } from '../../runs/centre-list.js';
import { CodeBook } from '../../ror/codes.js';
import { describe } from '../../ror/describe.js';
import { termOf, termRank } from '../../ror/terms.js';
import { ANSWERERS, route, STAFF, type RegionRequest } from '../route.js';
import { answersTable, disagreements, history, sourcesTable, swings, valuesTable } from './centre-parts.js';
import { kindBadge, stateBadge } from './parts.js';

/** The centre's card: what is known of it, from where, and what became of it. */
export const centrePage = route({
  method: 'GET',
  path: '/centres/:centre',
  roles: STAFF,
  handle: async (request) => {
    const { run, region, params } = request;
    const card = await centreCard(run, params['centre'] ?? '');
    const names = await displayNames(run.db, peopleOf(card));
    const title = titleOfCard(card);
    return {
      kind: 'page',
      title: `${title} – Centres`,
      body: html`<p><a href="/${region.code}/centres">Revenir à la liste des centres</a></p>
        <h1>${title}</h1>
        ${standing(request, card)}
        <p><a href="/${region.code}/centres/${card.id}/au">Voir ce centre à une autre date</a></p>
        <h2>Ce que filror retient</h2>
        ${valuesTable(card, names, title)} ${await head(request, card.id)}
        <h2>Ce que disent les sources</h2>
        ${sourcesTable(card, title)} ${disagreements(card)} ${swings(card)}
        <h2>Ce que des personnes ont dit</h2>
        ${answersTable(card, names)} ${declareLink(request, card)}
        <h2>Offres du ROR</h2>
        ${offers(request, card)}
        <h2>Changements</h2>
        ${changes(request, card)}
        <h2>Décisions</h2>
        ${decisions(request, card, names)}
        <h2>Histoire du label, livraison après livraison</h2>
        ${history(card)}
        <p class="muted small">Centre ${card.ids.join(', ')}</p>`,
    };
  },
});

function titleOfCard({ id, centre, identity }: CentreCard): string {
  const named = centre ?? identity;
  return named === null ? `Centre ${id}` : nameOf(named);
}

function peopleOf({ answers, decisions: decided, centre }: CentreCard): PersonId[] {
  return [
    ...answers.map(({ author }) => author),
    ...decided.flatMap(({ person, onBehalfOf }) => (onBehalfOf === null ? [person] : [person, onBehalfOf])),
    ...(centre === null ? [] : [...centre.completions.values()].map(({ author }) => author)),
  ];
}

/** Where the centre stands, before any detail. */
function standing({ region }: RegionRequest, { sameAs, centre, ids }: CentreCard): Html {
  if (sameAs !== null)
    return html`<div class="banner">
      <p>
        Une personne a dit que ce centre est le même qu’un autre, plus ancien, qui garde son identifiant.
        <a href="/${region.code}/centres/${sameAs}">Ouvrir la fiche du centre ${sameAs}</a>
      </p>
    </div>`;
  if (centre === null)
    return html`<div class="banner">
      <p>
        Aucune source ne dit plus ce centre. Ce qu’elles en disaient est gardé dans son histoire, plus bas ;
        perdre une ligne ne ferme rien.
      </p>
    </div>`;
  return ids.length === 1 ? html`` : html`<p>Tenu pour le même centre que : ${ids.slice(1).join(', ')}.</p>`;
}

/** For signed-in professionals only: no list, export or API of ours holds it (DESIGN 6, rule 9). */
async function head({ run, region }: RegionRequest, centre: string): Promise<Html | null> {
  const known = await headOf(run.db, region.code, centre);
  return known === null
    ? null
    : html`<p>
        Responsable : <strong>${known.name}</strong>, depuis le ${frenchDay(known.since)} (preuve :
        ${known.proof}).
      </p>`;
}

function declareLink({ region, roles }: RegionRequest, { id, sameAs }: CentreCard): Html | null {
  if (sameAs !== null || !ANSWERERS.some((role) => roles.has(role))) return null;
  return html`<p>
    <a href="/${region.code}/declarer?centre=${id}"
      >Déclarer un changement de ce centre : contact, déménagement, responsable, label…</a
    >
  </p>`;
}

function offers({ run, region }: RegionRequest, { offers: linked, former }: CentreCard): Html {
  const codes = new CodeBook(run.config.codes);
  if (linked.length + former.length === 0)
    return html`<p>
      Aucune : rien de ce centre n’est encore écrit dans le ROR de la région ${region.name}.
    </p>`;
  return html`${linked.map(
    ({ identifier, createdByUs, elements }) =>
      html`<h3>Offre ${identifier}</h3>
        <p>
          ${createdByUs ? 'Créée par filror.' : 'Elle existait avant filror, qui y a rattaché ce centre.'}
        </p>
        ${
          elements.length === 0
            ? html`<p>Aucun élément relu pour ce centre.</p>`
            : html`<dl>
                ${[...elements]
                  .sort((a, b) => termRank(a.key) - termRank(b.key))
                  .map(
                    ({ key, readBack, channel }) =>
                      html`<dt>
                          ${termOf(key)}${channel === 'served' ? html` <span class="tag">servi, non envoyé au ROR</span>` : null}
                        </dt>
                        <dd>${describe(readBack, codes).lines.map((line) => html`<div>${line}</div>`)}</dd>`,
                  )}
              </dl>`
        }`,
  )}
  ${former.map(
    ({ identifier, leftAt }) =>
      html`<p>Offre ${identifier} : quittée le ${parisDay(leftAt)}, par un retrait ou une fermeture.</p>`,
  )}`;
}

function changes({ region }: RegionRequest, { changes: all }: CentreCard): Html {
  if (all.length === 0) return html`<p>Aucun : rien n’a jamais été proposé pour ce centre.</p>`;
  const open = all.filter(({ closedAt }) => closedAt === null);
  return html`<p>
      ${open.length === 0 ? 'Aucun changement en cours' : counted(open.length, 'changement en cours', 'changements en cours')},
      ${counted(all.length - open.length, 'passé', 'passés')}.
    </p>
    <table class="stack">
      <caption>
        Changements de ce centre, du plus récent au plus ancien
      </caption>
      <thead>
        <tr>
          <th scope="col">Changement</th>
          <th scope="col">Genre</th>
          <th scope="col">État</th>
          <th scope="col">Ouvert le</th>
          <th scope="col">Clos le</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          ({ id, kind, state, target, openedAt, closedAt }) =>
            html`<tr>
              <th scope="row">
                <a href="/${region.code}/changements/${id}">Changement ${id}</a>
                <div class="identity">
                  <span>${offerText(target)}</span>
                </div>
              </th>
              <td data-label="Genre">${kindBadge(kind)}</td>
              <td data-label="État">${stateBadge(state)}</td>
              <td data-label="Ouvert le">${momentText(openedAt)}</td>
              <td data-label="Clos le">${closedAt === null ? 'en cours' : momentText(closedAt)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function offerText(target: StoredChange['target']): string {
  const offer = offerOfTarget(target);
  return offer === null ? 'offre à créer' : `offre ${offer}`;
}

function decisions(
  { region }: RegionRequest,
  { decisions: decided }: CentreCard,
  names: ReadonlyMap<string, string>,
): Html {
  if (decided.length === 0) return html`<p>Aucune : personne n’a encore approuvé ni rejeté.</p>`;
  const name = (person: PersonId): string => names.get(person) ?? 'personne effacée';
  return html`<ul>
    ${[...decided]
      .reverse()
      .map(
        ({ changeId, verdict, person, onBehalfOf, reason, at }) =>
          html`<li>
            ${momentText(at)} : <strong>${verdict === 'approve' ? 'approuvé' : 'rejeté'}</strong> par
            ${name(person)}${onBehalfOf === null ? null : `, au nom de ${name(onBehalfOf)}`}${reason === null ? null : ` – « ${reason} »`}
            (<a href="/${region.code}/changements/${changeId}">changement ${changeId}</a>)
          </li>`,
      )}
  </ul>`;
}
