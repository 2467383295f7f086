import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { momentText, parisDay } from '../../domain/time.js';
import { queueOf, STEP_WORDS, type QueueItem, type QueueStep } from '../../followup/queue.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { route, STAFF } from '../route.js';
import { titleOf, type Centres } from './parts.js';
import { queueSentence, WAITING } from './queue.js';

/** Lines told one by one: more would not hold on one A4 page. */
const TOLD = 12;

/** One page of A4 for the steering committee: how many, where, and what is late. */
export const queueSummary = route({
  method: 'GET',
  path: '/a-saisir/synthese',
  roles: STAFF,
  handle: async ({ run, region }) => {
    const now = run.now();
    const items = await queueOf(run.db, run.region, run.config.followup, now);
    const centres = await plannedCentres(run);
    const late = items.filter(
      (item) => item.reminderDue || ['differs', 'expired', 'disagreed'].includes(item.step),
    );
    return {
      kind: 'page',
      title: 'Synthèse – À saisir dans le ROR',
      body: html`<p class="screen-only"><a href="/${region.code}/a-saisir">Revenir à la file</a></p>
        <div class="sheet">
          <h1>À saisir dans le ROR : synthèse, ${region.name}</h1>
          <p class="muted">État du ${momentText(now)} (heure de Paris).</p>
          <p class="lead">${queueSentence(items)}</p>
          ${byFiliere(items, centres)} ${lateTable(late, centres)}
          <p class="small">
            Terminé depuis ${run.config.followup.endedShownDays} jours au plus : compté ici, puis gardé au
            journal. Relance après ${run.config.followup.reminderDays} jours sans saisie constatée, expiration
            après ${run.config.followup.expiryDays} jours.
          </p>
        </div>`,
    };
  },
});

const GROUPS: readonly { readonly name: string; readonly steps: readonly QueueStep[] }[] = [
  { name: 'Accord attendu ou refusé', steps: ['agreement', 'disagreed'] },
  { name: 'À transmettre', steps: ['ready'] },
  { name: 'Transmis', steps: ['transmitted'] },
  { name: 'Vu', steps: ['seen'] },
  { name: 'Différent, refusé, expiré', steps: ['differs', 'refused', 'expired'] },
];

function byFiliere(items: readonly QueueItem[], centres: Centres): Html | null {
  if (items.length === 0) return null;
  const filiereOf = (item: QueueItem): string => centres[item.change.centres[0] ?? '']?.filiere ?? 'inconnue';
  const filieres = [...new Set(items.map(filiereOf))].sort();
  const cells = (of: readonly QueueItem[]): Html[] =>
    GROUPS.map(
      ({ name, steps }) =>
        html`<td data-label="${name}">${of.filter((item) => steps.includes(item.step)).length}</td>`,
    );
  return html`<table class="stack">
    <caption>
      Nombre de fiches par filière
    </caption>
    <thead>
      <tr>
        <th scope="col">Filière</th>
        ${GROUPS.map(({ name }) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${filieres.map(
        (filiere) =>
          html`<tr>
            <th scope="row">${filiere}</th>
            ${cells(items.filter((item) => filiereOf(item) === filiere))}
          </tr>`,
      )}
      <tr>
        <th scope="row">Ensemble</th>
        ${cells(items)}
      </tr>
    </tbody>
  </table>`;
}

function lateTable(items: readonly QueueItem[], centres: Centres): Html {
  if (items.length === 0) {
    return html`<p>Rien n’est en retard ni en désaccord.</p>`;
  }
  const oldest = [...items].sort((a, b) => b.ageDays - a.ageDays).slice(0, TOLD);
  return html`<table class="stack">
      <caption>
        À regarder : ${counted(items.length, 'fiche')} en retard ou en désaccord
      </caption>
      <thead>
        <tr>
          <th scope="col">Centre</th>
          <th scope="col">Étape</th>
          <th scope="col">Qui saisit</th>
          <th scope="col">Depuis</th>
          <th scope="col">Expire</th>
        </tr>
      </thead>
      <tbody>
        ${oldest.map(
          (item) =>
            html`<tr>
              <th scope="row">
                ${short(titleOf(item.change, centres))}
                <div class="identity">${short(centres[item.change.centres[0] ?? '']?.hospital ?? '')}</div>
              </th>
              <td data-label="Étape">${STEP_WORDS[item.step]}</td>
              <td data-label="Qui saisit">${item.owner ?? 'à confier'}</td>
              <td data-label="Depuis">${counted(item.ageDays, 'jour')}</td>
              <td data-label="Expire">
                ${item.expiresAt === null || !WAITING.includes(item.step) ? '–' : parisDay(item.expiresAt)}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${
      items.length > TOLD
        ? html`<p>Les ${TOLD} plus anciennes sur ${items.length} ; toutes sont dans la file.</p>`
        : null
    }`;
}

/** A line of a table on paper: the whole name is in the queue. */
const short = (text: string): string => (text.length > 90 ? `${text.slice(0, 89)}…` : text);
