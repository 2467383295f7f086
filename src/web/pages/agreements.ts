import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { asksAgreement } from '../../config/schema/region.js';
import { documentBytes } from '../../db/agreement-documents.js';
import { addAgreementLink } from '../../db/agreement-links.js';
import { standingAgreement } from '../../db/agreements.js';
import { inTransaction } from '../../db/types.js';
import { counted } from '../../domain/counted.js';
import { DataError } from '../../domain/errors.js';
import { html, type Html } from '../../domain/html.js';
import { DAY_MS, parisDay } from '../../domain/time.js';
import { CHANNEL_WORDS, recordAgreement, type GivenAgreement } from '../../followup/agree.js';
import { followupContext } from '../../followup/context.js';
import { staffMember } from '../../followup/entitled.js';
import { append } from '../../journal/append.js';
import { agreementsAsked, type AskedAgreement } from '../../runs/agreements-asked.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { ANSWERERS, STAFF, mayAnswer, route, type Answer, type RegionRequest } from '../route.js';
import {
  answerBadge,
  answerFields,
  DOCUMENT,
  documentOf,
  reasonField,
  standingText,
} from './agreement-parts.js';
import { identity, stateBadge, titleOf, type Centres } from './parts.js';
import { oneChange } from './find.js';
import { shownFields, shownHash } from './shown.js';

const CHANNELS = Object.keys(CHANNEL_WORDS) as (keyof typeof CHANNEL_WORDS)[];

export const agreementsPage = route({
  method: 'GET',
  path: '/accords',
  roles: STAFF,
  menu: 'Accords',
  handle: async (request) => {
    const { run, region } = request;
    const asked = asksAgreement(region) ? await agreementsAsked(run) : [];
    const centres = await plannedCentres(run);
    const waiting = asked.filter(({ standing }) => standing === null);
    const late = waiting.filter((each) => isPast(each.overdueAt, run.now())).length;
    const sentence = !asksAgreement(region)
      ? 'Cette région ne demande pas l’accord des établissements : rien n’est à suivre ici.'
      : waiting.length === 0
        ? 'Aucun accord n’est attendu.'
        : `${counted(waiting.length, 'accord attendu', 'accords attendus')}${late === 0 ? '' : `, dont ${String(late)} hors délai`}.`;
    const keys = [...new Set(asked.map(keyOf))];
    const hospitals = keys.map((key) => asked.filter((each) => keyOf(each) === key));
    return {
      kind: 'page',
      title: `${counted(waiting.length, 'accord attendu', 'accords attendus')} – Accords`,
      body: html`<h1>Accords des établissements</h1>
        <p class="lead">${sentence}</p>
        ${hospitals.map((group) => hospital(request, group, centres))}`,
    };
  },
});

export const agreementsItemPage = route({
  method: 'GET',
  path: '/accords/:change',
  roles: STAFF,
  handle: async (request) => {
    const { run, region, token } = request;
    const item = await askedItem(request);
    const { change } = item;
    const centres = await plannedCentres(run);
    const title = titleOf(change, centres);
    const at = `/${region.code}/accords/${change.id}`;
    const hidden = shownFields(token, change);
    const acts = !mayAnswer(request)
      ? html`<p>Enregistrer un accord demande le droit d’opérateur ou de valideur.</p>`
      : html`<h2>Enregistrer l’accord</h2>
          <form method="post" action="${at}/accord" enctype="multipart/form-data" class="act">
            ${hidden} ${toldFields('accord')}
            <button>Enregistrer l’accord de l’établissement pour ${title}</button>
          </form>
          <h2>Enregistrer un refus</h2>
          <form method="post" action="${at}/refus" enctype="multipart/form-data" class="act">
            ${hidden} ${toldFields('refus')}
            ${reasonField('refus', 'Raison du refus (exemple : « unité en cours de transfert »)')}
            <button>Enregistrer le refus de l’établissement pour ${title}</button>
          </form>
          ${
            item.standing === null
              ? null
              : html`<h2>Reprendre ce qui est enregistré</h2>
                  <form method="post" action="${at}/reprise" class="act">
                    ${hidden}
                    ${reasonField('reprise', 'Raison (exemple : « accord donné pour un autre site »)')}
                    <button>Reprendre la réponse enregistrée pour ${title}</button>
                  </form>`
          }`;
    return {
      kind: 'page',
      title: `Accord – ${title}`,
      body: html`<p><a href="/${region.code}/accords">Revenir aux accords</a></p>
        <h1>${title}</h1>
        <p>${answerBadge(item)}</p>
        ${identity(change, centres)} ${standingText(item)}
        ${
          item.standing?.document.sha256 == null
            ? null
            : html`<p>
                <a href="${at}/document" hx-boost="false">Télécharger le document signé de ${title}</a>
              </p>`
        }
        <p>
          <a href="/${region.code}/changements/${change.id}"
            >Voir le changement, ses valeurs et leurs sources</a
          >
        </p>
        ${acts}`,
    };
  },
});

const told = z.object({
  empreinte: shownHash,
  par: z.string().max(200),
  voie: z.enum(CHANNELS),
  jour: z.string().max(10),
  reference: z.string().max(200).default(''),
});

export const recordAgreed = route({
  method: 'POST',
  path: '/accords/:change/accord',
  roles: ANSWERERS,
  upload: DOCUMENT,
  form: told,
  handle: async (request) => {
    const { par, voie, jour, reference, empreinte } = request.form;
    // A document that is attached needs no reference besides; without either, its absence is refused.
    const cited = request.file !== null && reference.trim() === '' ? null : reference;
    const document = { name: null, sha256: null, reference: cited };
    const given = { verdict: 'agree', by: par, channel: voie, on: jour, document, reason: null } as const;
    return await record(request, empreinte, given, 'Accord enregistré');
  },
});

export const recordRefused = route({
  method: 'POST',
  path: '/accords/:change/refus',
  roles: ANSWERERS,
  upload: DOCUMENT,
  form: told.extend({ raison: z.string().max(2000) }),
  handle: async (request) => {
    const { par, voie, jour, reference, empreinte, raison } = request.form;
    const document = reference.trim() === '' ? null : { name: null, sha256: null, reference };
    const given = { verdict: 'refuse', by: par, channel: voie, on: jour, document, reason: raison } as const;
    return await record(request, empreinte, given, 'Refus enregistré');
  },
});

export const recordUndone = route({
  method: 'POST',
  path: '/accords/:change/reprise',
  roles: ANSWERERS,
  form: z.object({ empreinte: shownHash, raison: z.string().max(2000) }),
  handle: async (request) =>
    await record(
      request,
      request.form.empreinte,
      { verdict: 'undo', reason: request.form.raison },
      'Réponse reprise',
    ),
});

/** The signed document, as it was attached; a document of which only the reference is known has no bytes here. */
export const agreementDocument = route({
  method: 'GET',
  path: '/accords/:change/document',
  roles: STAFF,
  handle: async (request) => {
    const { run, region } = request;
    const change = await oneChange(request);
    const standing = await standingAgreement(run.db, region.code, change);
    const { name = null, sha256 = null } = standing?.document ?? {};
    const bytes = sha256 === null ? null : await documentBytes(run.db, region.code, sha256);
    if (bytes === null || name === null) throw noDocument();
    return { kind: 'file', name, type: 'application/octet-stream', content: bytes, as: 'download' };
  },
});

/** One `id:hash` for each change ticked. */
const form = z.string().regex(/^[0-9a-z]{1,40}:[0-9a-f]{64}$/);

export const makeLink = route({
  method: 'POST',
  path: '/accords/lien',
  roles: ANSWERERS,
  form: z.object({
    ej: z.string().regex(/^[0-9A-Z]{9}$/),
    forme: z.union([form.transform((one) => [one]), z.array(form).max(200)]).default([]),
  }),
  handle: async (request) => {
    const { run, region, person } = request;
    const { ej, forme } = request.form;
    const own = (await agreementsAsked(run)).filter((each) => each.ej === ej);
    const chosen = own.filter(({ change }) => forme.includes(`${change.id}:${change.hash}`));
    if (chosen.length === 0 || chosen.length !== forme.length) throw linkEmpty();
    const token = randomBytes(32).toString('base64url');
    const madeAt = run.now();
    const expiresAt = new Date(madeAt.getTime() + run.config.followup.agreementDays * DAY_MS);
    await inTransaction(run.db, async (trx) => {
      const changes = chosen.map(({ change }) => change);
      await addAgreementLink(trx, region.code, { token, ej, changes, madeBy: person.id, madeAt, expiresAt });
      await append(trx, {
        region: region.code,
        kind: 'agreement.link',
        subject: `establishment:${ej}`,
        actor: person.id,
        body: {
          ej,
          changes: changes.map(({ id, hash }) => ({ change: id, hash })),
          expiresAt: expiresAt.toISOString(),
        },
      });
    });
    return linkShown(request, token, chosen, expiresAt);
  },
});

/** The only time that the address is known here: the table keeps its hash. */
function linkShown(
  { region, publicUrl }: RegionRequest,
  token: string,
  chosen: readonly AskedAgreement[],
  expiresAt: Date,
): Answer {
  const hospital = chosen[0]?.hospital ?? '';
  return {
    kind: 'page',
    title: 'Lien à envoyer – Accords',
    body: html`<h1>Lien à envoyer à ${hospital}</h1>
      <p>
        Copiez ce lien maintenant : il n’est montré qu’une fois. Il vaut pour
        ${counted(chosen.length, 'changement')}, une seule réponse, jusqu’au ${parisDay(expiresAt)}.
      </p>
      <label for="lien">Lien à envoyer</label>
      <input id="lien" readonly size="70" value="${publicUrl}/lien/${region.code}/${token}" />
      <p>
        Le suivre ne vaut pas accord : la page demande une réponse. Qui a ce lien peut répondre pour
        l’établissement : envoyez-le à son référent seulement.
      </p>
      <p><a href="/${region.code}/accords">Revenir aux accords</a></p>`,
  };
}

/** Changes of one legal entity stand together; where it is not known, those of one name. */
const keyOf = ({ ej, hospital: name }: AskedAgreement): string => ej ?? `sans:${name}`;

const isPast = (at: Date | null, now: Date): boolean => at !== null && at.getTime() <= now.getTime();

function hospital(request: RegionRequest, group: readonly AskedAgreement[], centres: Centres): Html {
  const { region, run } = request;
  const [first] = group;
  const name = first?.hospital ?? '';
  const ej = first?.ej ?? null;
  const now = run.now();
  return html`<section>
    <h2>${name} ${ej === null ? null : html`<span class="muted">FINESS ${ej}</span>`}</h2>
    <table class="stack">
      <caption>
        ${counted(group.length, 'changement')} de ${name}
      </caption>
      <thead>
        <tr>
          <th scope="col">Centre</th>
          <th scope="col">Accord</th>
          <th scope="col">Délais</th>
          <th scope="col">Côté PEMR</th>
        </tr>
      </thead>
      <tbody>
        ${group.map(
          (item) =>
            html`<tr>
              <th scope="row">
                <a href="/${region.code}/accords/${item.change.id}">${titleOf(item.change, centres)}</a>
                ${identity(item.change, centres)}
              </th>
              <td data-label="Accord">${answerBadge(item)}</td>
              <td data-label="Délais">${delay(item, now)}</td>
              <td data-label="Côté PEMR">${stateBadge(item.change.state)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${linkForm(request, group, centres)}
  </section>`;
}

/** Deadline, reminder, escalation: in words, with what to do. */
function delay({ standing, askedAt, remindAt, overdueAt }: AskedAgreement, now: Date): string {
  if (standing !== null) return `répondu, enregistré le ${parisDay(standing.recordedAt)}`;
  if (askedAt === null || remindAt === null || overdueAt === null) return 'pas encore demandé par un lien';
  const since = `demandé le ${parisDay(askedAt)}`;
  if (isPast(overdueAt, now))
    return `${since}, délai dépassé depuis le ${parisDay(overdueAt)} : prévenez la direction de l’établissement et le comité de pilotage`;
  if (isPast(remindAt, now))
    return `${since}, à relancer : créez un nouveau lien et envoyez-le (réponse attendue le ${parisDay(overdueAt)})`;
  return `${since}, relance le ${parisDay(remindAt)}, réponse attendue le ${parisDay(overdueAt)}`;
}

function linkForm(request: RegionRequest, group: readonly AskedAgreement[], centres: Centres): Html | null {
  const { region, token } = request;
  const [first] = group;
  const ej = first?.ej ?? null;
  const waiting = group.filter(({ standing }) => standing === null);
  if (waiting.length === 0 || !mayAnswer(request)) return null;
  if (ej === null)
    return html`<p>
      Pas de lien possible : le FINESS juridique n’est pas connu. Enregistrez la réponse sur la page du
      changement.
    </p>`;
  return html`<form method="post" action="/${region.code}/accords/lien" class="act">
    ${token}<input type="hidden" name="ej" value="${ej}" />
    <fieldset>
      <legend>Demander l’accord de ${first?.hospital ?? ''} par un lien, pour :</legend>
      ${waiting.map(
        ({ change }) =>
          html`<label class="check">
            <input type="checkbox" name="forme" value="${change.id}:${change.hash}" checked />
            ${titleOf(change, centres)}
          </label>`,
      )}
    </fieldset>
    <button>Créer un lien pour ${first?.hospital ?? ''}</button>
  </form>`;
}

/** What staff write down of an answer given elsewhere. */
function toldFields(at: string): Html {
  return html`${answerFields(at)}
    <label for="voie-${at}">Comment la réponse est venue</label>
    <select id="voie-${at}" name="voie">
      ${CHANNELS.map((channel) => html`<option value="${channel}">${CHANNEL_WORDS[channel]}</option>`)}
    </select>
    <label for="jour-${at}">Jour de la réponse</label>
    <input id="jour-${at}" name="jour" type="date" required />`;
}

async function record(
  request: RegionRequest<unknown, unknown>,
  empreinte: string,
  given: GivenAgreement,
  said: string,
): Promise<Answer> {
  const { run, region } = request;
  const { change } = await askedItem(request);
  await recordAgreement(
    followupContext(run),
    [{ ...change, hash: empreinte }],
    given,
    staffMember,
    documentOf(request.file),
  );
  const title = titleOf(change, await plannedCentres(run));
  return { kind: 'seeOther', to: `/${region.code}/accords/${change.id}`, notice: `${said} : ${title}.` };
}

/** @throws DataError `LINE_UNKNOWN` */
export async function askedItem({ run, params }: RegionRequest<unknown, unknown>): Promise<AskedAgreement> {
  const id = params['change'] ?? '';
  const item = (await agreementsAsked(run)).find(({ change }) => change.id === id);
  if (item !== undefined) return item;
  throw new DataError({
    code: 'LINE_UNKNOWN',
    message: `Le changement « ${id} » n’attend pas, ou plus, l’accord d’un établissement.`,
    remedy: 'revenez à la liste des accords : elle montre ceux qui attendent.',
  });
}

function noDocument(): DataError {
  return new DataError({
    code: 'DOCUMENT_UNKNOWN',
    message: 'Aucun document signé n’est gardé ici pour cet accord.',
    remedy: 'voyez la référence donnée avec la réponse, ou demandez le document à l’établissement.',
  });
}

function linkEmpty(): DataError {
  return new DataError({
    code: 'LINK_EMPTY',
    message: 'Aucun lien n’a été créé : rien n’était coché, ou un changement a été recalculé entre-temps.',
    remedy: 'revenez aux accords, cochez les changements tels qu’ils sont maintenant, puis recommencez.',
  });
}
