import { z } from 'zod';
import { requireConfirmation } from '../../review/confirmation.js';
import { approve, reject } from '../../review/decide.js';
import { openChanges, type StoredChange } from '../../db/changes.js';
import { html, type Html } from '../../domain/html.js';
import { replanNow } from '../../runs/act.js';
import { deciders, withName } from '../../runs/attribution.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { ownPath } from '../sign-in.js';
import { route, STAFF, type RegionRequest } from '../route.js';
import { cardLinks } from './centre-links.js';
import { deciding } from './deciding.js';
import { departure } from './departure.js';
import { elementRows } from './elements.js';
import { decider, oneChange } from './find.js';
import { identity, kindBadge, stateBadge, titleOf } from './parts.js';
import { questions } from './questions.js';
import { recalculateForm, undoing } from './undoing.js';
import { shownHash } from './shown.js';
import { whyTheseValues } from './why.js';

const query = z.object({ retour: z.string().max(2000).optional() });
/** The form as shown: an approval is bound to it, whatever became of the change since. */
const shownForm = z.object({
  empreinte: shownHash,
  retour: z.string().max(2000).optional(),
});

export const changePage = route({
  method: 'GET',
  path: '/changements/:change',
  roles: STAFF,
  query,
  handle: async (request) => {
    const { run, region, query: asked } = request;
    const stored = await oneChange(request);
    const change = withName(stored, await deciders(run.db, [stored]));
    const centres = await plannedCentres(request.run);
    const title = titleOf(change, centres);
    const back = ownPath(asked.retour ?? `/${region.code}/changements`);
    return {
      kind: 'page',
      title,
      body: html`<p><a href="${back}">Revenir à la liste</a></p>
        <h1>${title}</h1>
        <p>${kindBadge(change.kind)} ${stateBadge(change.state)}</p>
        ${await successor(request, change)} ${identity(change, centres)}
        ${cardLinks(region.code, change, centres)} ${await departure(request, change)}
        ${await questions(request, change, centres)}
        <h2>Ce qui changerait</h2>
        ${change.state === 'conflict' ? CONFLICT : null} ${elementRows(change, run.config.codes, title)}
        ${assumedNote(change)} ${await whyTheseValues(request, change.centres, centres)}
        <h2>Qui décide</h2>
        ${await deciding(request, change, title)} ${await undoing(request, change, centres)}
        <details>
          <summary>Valeurs FHIR avant et après</summary>
          <pre tabindex="0">${raw(change)}</pre>
        </details>
        <p class="muted small">Changement ${change.id}, empreinte ${change.hash}</p>`,
    };
  },
});

export const approveChange = route({
  method: 'POST',
  path: '/changements/:change/approuver',
  roles: ['reviewer'],
  form: shownForm.extend({ confirmation: z.string().max(100).default('') }),
  handle: async (request) => {
    const { form, region } = request;
    const change = await oneChange(request);
    const title = titleOf(change, await plannedCentres(request.run));
    requireConfirmation(change, form.confirmation);
    const result = await approve(decider(request), { ...change, hash: form.empreinte });
    const notice = result.approved
      ? `Approuvé : ${title}.`
      : `Approbation enregistrée pour ${title} : ${String(result.approvals)} sur ${String(result.quorum)}, il en manque.`;
    return {
      kind: 'seeOther',
      to: ownPath(form.retour ?? `/${region.code}/changements/${change.id}`),
      notice,
    };
  },
});

export const rejectChange = route({
  method: 'POST',
  path: '/changements/:change/rejeter',
  roles: ['reviewer'],
  form: shownForm.extend({ raison: z.string().max(2000) }),
  handle: async (request) => {
    const { form, region, run } = request;
    const change = await oneChange(request);
    const title = titleOf(change, await plannedCentres(request.run));
    await reject(decider(request), { ...change, hash: form.empreinte }, form.raison);
    await replanNow(run);
    const notice = `Rejeté : ${title}. La même valeur ne sera plus proposée pour cette offre.`;
    return { kind: 'seeOther', to: ownPath(form.retour ?? `/${region.code}/changements`), notice };
  },
});

const CONFLICT = html`<p>
  L’établissement a changé une valeur que filror avait écrite : les trois valeurs sont montrées, et rien n’est
  envoyé. Rejeter ce changement garde la valeur de l’établissement.
</p>`;

/** A change that was recalculated under the reader's eyes says so, with the way to what took its place. */
async function successor(request: RegionRequest, change: StoredChange): Promise<Html | null> {
  if (change.state !== 'superseded') return null;
  const { run, region } = request;
  const open = await openChanges(run.db, region.code);
  const next = open.filter((each) => each.centres.some((centre) => change.centres.includes(centre)));
  return html`<div class="banner drift">
    <p>Ce changement a été recalculé : cette forme ne peut plus être décidée.</p>
    ${
      next.length === 0
        ? html`<p>Rien n’est proposé à sa place.</p>`
        : next.map(
            ({ id }) => html`<p><a href="/${region.code}/changements/${id}">Ouvrir la forme présente</a></p>`,
          )
    }
    ${recalculateForm(request)}
  </div>`;
}

/** What is supposed and has no question of its own is confirmed by approving, and the page says so. */
function assumedNote({ elements }: StoredChange): Html | null {
  const assumed = elements.filter((element) => element.assumed);
  if (assumed.length === 0) return null;
  return html`<p>
    Une valeur <span class="tag">supposée, à confirmer</span> n’est écrite telle quelle dans aucune source :
    une règle de filror la déduit. Approuver le changement la confirme.
    ${
      assumed.some(({ key }) => key === 'type')
        ? 'Le champ d’activité se choisit aussi plus haut ; pour une autre des valeurs supposées, demandez à l’exploitant de changer la règle.'
        : 'Pour une autre valeur, demandez à l’exploitant de changer la règle.'
    }
  </p>`;
}

function raw(change: StoredChange): string {
  return JSON.stringify(
    change.elements.map(({ key, operation, base, before, after }) => ({
      key,
      operation,
      base: base ?? null,
      avant: before ?? null,
      après: after ?? null,
    })),
    null,
    2,
  );
}
