import { z } from 'zod';
import { approve, reject, type DecisionContext } from '../../review/decide.js';
import { asksAgreement } from '../../config/schema/region.js';
import { standingAgreement } from '../../db/agreements.js';
import { authorsOf, findChanges, type StoredChange } from '../../db/changes.js';
import { decisionsOf, type Decision } from '../../db/decisions.js';
import { displayNames } from '../../db/people.js';
import { lastPlan } from '../../db/runs.js';
import { DataError } from '../../domain/errors.js';
import type { PersonId } from '../../domain/ids.js';
import { html, type Html } from '../../domain/html.js';
import { agreementLine } from '../../followup/agree.js';
import { replanNow } from '../../runs/act.js';
import { deciders, withName } from '../../runs/attribution.js';
import type { CentreIdentity, RunReport } from '../../runs/report.js';
import { ownPath } from '../sign-in.js';
import { route, STAFF, type RegionRequest } from '../route.js';
import { elementRows } from './elements.js';
import { identity, kindBadge, momentText, stateBadge, titleOf } from './parts.js';

const query = z.object({ retour: z.string().max(2000).optional() });
/** The form as shown: an approval is bound to it, whatever became of the change since. */
const shownForm = z.object({
  empreinte: z.string().regex(/^[0-9a-f]{64}$/),
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
    const centres = await centresOf(request);
    const title = titleOf(change, centres);
    const back = ownPath(asked.retour ?? `/${region.code}/changements`);
    return {
      kind: 'page',
      title,
      body: html`<p><a href="${back}">Revenir à la liste</a></p>
        <h1>${title}</h1>
        <p>${kindBadge(change.kind)} ${stateBadge(change.state)}</p>
        ${identity(change, centres)} ${reasons(change)}
        <h2>Ce qui changerait</h2>
        ${elementRows(change, run.config.codes, title)}
        <h2>Qui décide</h2>
        ${await deciding(request, change, title)}
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
  form: shownForm,
  handle: async (request) => {
    const { form, region } = request;
    const change = await oneChange(request);
    const title = titleOf(change, await centresOf(request));
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
    const title = titleOf(change, await centresOf(request));
    await reject(decider(request), { ...change, hash: form.empreinte }, form.raison);
    await replanNow(run);
    const notice = `Rejeté : ${title}. La même valeur ne sera plus proposée pour cette offre.`;
    return { kind: 'seeOther', to: ownPath(form.retour ?? `/${region.code}/changements`), notice };
  },
});

/** @throws DataError `CHANGE_UNKNOWN` */
async function oneChange({ run, region, params }: RegionRequest): Promise<StoredChange> {
  const id = params['change'] ?? '';
  const found = (await findChanges(run.db, region.code, id)).find((change) => change.id === id);
  if (found !== undefined) return found;
  throw new DataError({
    code: 'CHANGE_UNKNOWN',
    message: `Le changement « ${id} » n’existe pas dans la région ${region.name}.`,
    remedy: 'partez de la liste des changements.',
  });
}

async function centresOf({ run, region }: RegionRequest): Promise<Readonly<Record<string, CentreIdentity>>> {
  const last = await lastPlan(run.db, region.code);
  return last === null ? {} : (last.report as RunReport).centres;
}

function decider({ run, region, person }: RegionRequest): DecisionContext {
  return { db: run.db, region: region.code, review: run.config.review, person, now: run.now() };
}

function reasons(change: StoredChange): Html | null {
  if (change.reasons.length === 0) return null;
  const blocking = change.reasons.filter((reason) => reason.blocking);
  const others = change.reasons.filter((reason) => !reason.blocking);
  return html`${
    blocking.length === 0
      ? null
      : html`<section class="banner drift" aria-labelledby="bloque">
          <h2 id="bloque">Ce qui empêche d’approuver</h2>
          <ul>
            ${blocking.map(({ message }) => html`<li>${message}</li>`)}
          </ul>
        </section>`
  }
  ${
    others.length === 0
      ? null
      : html`<h2>À savoir</h2>
          <ul>
            ${others.map(({ message }) => html`<li>${message}</li>`)}
          </ul>`
  }`;
}

/** Slots of the approvers, then what this person may do here, or why not, in text. */
async function deciding(request: RegionRequest, change: StoredChange, title: string): Promise<Html> {
  const { run, region } = request;
  const authors = await authorsOf(run.db, region.code, change.id);
  const decisions = (await decisionsOf(run.db, region.code, change.id)).filter(
    (each) => each.hash === change.hash,
  );
  const names = await displayNames(run.db, [
    ...representedBy(request),
    ...authors.map((author) => author.person),
    ...decisions.flatMap(({ person, onBehalfOf }) => (onBehalfOf === null ? [person] : [person, onBehalfOf])),
  ]);
  const who = [...new Set(authors.map((author) => names.get(author.person) ?? 'personne'))];
  const agreement = asksAgreement(region)
    ? agreementLine(await standingAgreement(run.db, region.code, change))
    : null;
  return html`<ol class="slots">
      <li><strong>Proposé par :</strong> ${who.join(', ') || 'les sources seules'}</li>
      ${slots(change, decisions, names)}
    </ol>
    ${agreement === null ? null : html`<p>${agreement}</p>`}
    ${forms(request, change, { authors, decisions, title, names })}`;
}

function slots(
  change: StoredChange,
  decisions: readonly Decision[],
  names: ReadonlyMap<string, string>,
): Html[] {
  const approvals = decisions.filter(({ verdict }) => verdict === 'approve');
  const said = decisions.map(({ verdict, person, onBehalfOf, reason, at }) => {
    const deputy = onBehalfOf === null ? '' : `, au nom de ${names.get(onBehalfOf) ?? 'personne'}`;
    const act = verdict === 'approve' ? 'Approuvé' : 'Rejeté';
    return html`<li>
      <strong>${act} par :</strong> ${names.get(person) ?? 'personne'}${deputy}, le
      ${momentText(at)}${reason === null ? null : html` – « ${reason} »`}
    </li>`;
  });
  // A deputy and the person stood in for are one voice.
  const voices = new Set(approvals.map(({ person, onBehalfOf }) => onBehalfOf ?? person)).size;
  const empty = Array.from(
    { length: Math.max(0, change.quorum - voices) },
    (_, at) => html`<li><strong>Approbation ${voices + at + 1} sur ${change.quorum} :</strong> attendue</li>`,
  );
  return [...said, ...empty];
}

/** Whose voice the person would be: of those absent whom they stand in for, when they review for nobody else. */
function representedBy({ grants }: RegionRequest): readonly PersonId[] {
  const rights = grants.filter(({ role }) => role === 'reviewer').map(({ onBehalfOf }) => onBehalfOf);
  return rights.includes(null) ? [] : rights.filter((each) => each !== null);
}

/** Why this person cannot approve here, in words; null when they can. */
function whyNot(
  request: RegionRequest,
  change: StoredChange,
  authors: readonly { readonly person: string }[],
  decisions: readonly Decision[],
): string | null {
  const { person, roles } = request;
  if (!roles.has('reviewer')) return 'Approuver et rejeter demandent le droit de valideur.';
  if (authors.some((author) => author.person === person.id))
    return 'Vous êtes à l’origine d’une valeur de ce changement : une autre personne doit l’approuver.';
  if (decisions.some((each) => each.person === person.id && each.verdict === 'approve'))
    return 'Vous avez déjà approuvé ce changement : il manque une autre personne.';
  const absent = representedBy(request);
  const others = absent.filter((each) => !authors.some((author) => author.person === each));
  if (absent.length > 0 && others.length === 0)
    return 'La personne que vous suppléez est à l’origine d’une valeur de ce changement : une autre personne doit l’approuver.';
  const voiced = new Set(
    decisions.flatMap((each) => (each.verdict === 'approve' ? [each.onBehalfOf ?? each.person] : [])),
  );
  if (absent.length > 0 && others.every((each) => voiced.has(each)))
    return 'La personne que vous suppléez a déjà approuvé ce changement : vous n’avez à vous deux qu’une voix.';
  if (change.state !== 'proposed' && change.state !== 'approved')
    return 'Ce changement ne peut pas être approuvé dans son état présent.';
  return null;
}

/** A deputy is told, before approving, whose voice this will be. */
function actingFor(
  request: RegionRequest,
  { names }: { readonly names: ReadonlyMap<string, string> },
): Html | null {
  const absent = representedBy(request);
  if (absent.length === 0) return null;
  const who = absent.map((each) => names.get(each) ?? 'personne effacée').join(' ou de ');
  return html`<p>Vous approuvez au nom de ${who} : à vous deux, une seule voix.</p>`;
}

function forms(
  request: RegionRequest,
  change: StoredChange,
  known: {
    readonly authors: readonly { readonly person: string }[];
    readonly decisions: readonly Decision[];
    readonly title: string;
    readonly names: ReadonlyMap<string, string>;
  },
): Html | null {
  const { region, token, roles } = request;
  const at = `/${region.code}/changements/${change.id}`;
  const why = whyNot(request, change, known.authors, known.decisions);
  const hidden = html`${token}<input type="hidden" name="empreinte" value="${change.hash}" />`;
  const closed = ['applied', 'rejected', 'superseded', 'expired', 'transmitted', 'uncertain'].includes(
    change.state,
  );
  const approving =
    why === null
      ? html`<form method="post" action="${at}/approuver" class="act">
          ${hidden} ${actingFor(request, known)}
          <button class="primary">Approuver ${known.title}</button>
        </form>`
      : html`<p id="pourquoi">${why}</p>
          <button type="button" disabled aria-describedby="pourquoi">Approuver ${known.title}</button>`;
  const rejecting =
    closed || !roles.has('reviewer')
      ? null
      : html`<form method="post" action="${at}/rejeter" class="act">
          ${hidden}
          <label for="raison">Raison du rejet (exemple : « site fermé en 2025 »)</label>
          <textarea id="raison" name="raison" required maxlength="2000" rows="2"></textarea>
          <button>Rejeter ${known.title}</button>
        </form>`;
  return html`${approving} ${rejecting}`;
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
