import { z } from 'zod';
import { asksAgreement } from '../../config/schema/region.js';
import { counted } from '../../domain/counted.js';
import { html } from '../../domain/html.js';
import { recordAgreement } from '../../followup/agree.js';
import { followupContext } from '../../followup/context.js';
import { ofEstablishment, otherEstablishment } from '../../followup/entitled.js';
import { agreementsAsked, type AskedAgreement } from '../../runs/agreements-asked.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { route, type Answer, type RegionRequest } from '../route.js';
import {
  answerBadge,
  answerFields,
  DOCUMENT,
  documentOf,
  reasonField,
  shownOutside,
  standingText,
} from './agreement-parts.js';
import { askedItem } from './agreements.js';
import { identity, titleOf } from './parts.js';
import { answerOfEstablishment } from './answered.js';
import { shownFields, shownHash } from './shown.js';

/** The hospital's own pages: what concerns its legal entity, and nothing else. */
export const establishmentPage = route({
  method: 'GET',
  path: '/accord',
  roles: ['establishment'],
  menu: 'Accord de mon établissement',
  handle: async (request) => {
    const { run, region } = request;
    const own = ejsOf(request);
    const asked = asksAgreement(region)
      ? (await agreementsAsked(run)).filter(({ ej }) => ej !== null && own.includes(ej))
      : [];
    const centres = await plannedCentres(run);
    const waiting = asked.filter(({ standing }) => standing === null).length;
    return {
      kind: 'page',
      title: `${counted(waiting, 'réponse attendue', 'réponses attendues')} – Accord de l’établissement`,
      body: html`<h1>Accord de votre établissement</h1>
        <p class="lead">
          ${
            own.length === 0
              ? 'Votre droit n’est rattaché à aucun établissement : demandez à l’administrateur de la région de le compléter.'
              : waiting === 0
                ? 'Aucune réponse n’est attendue de votre établissement.'
                : `${counted(waiting, 'réponse attendue', 'réponses attendues')} de votre établissement.`
          }
        </p>
        ${
          asked.length === 0
            ? null
            : html`<table class="stack">
                <caption>
                  ${counted(asked.length, 'changement')}
                </caption>
                <thead>
                  <tr>
                    <th scope="col">Centre</th>
                    <th scope="col">Votre réponse</th>
                  </tr>
                </thead>
                <tbody>
                  ${asked.map(
                    (item) =>
                      html`<tr>
                        <th scope="row">
                          <a href="/${region.code}/accord/${item.change.id}"
                            >${titleOf(item.change, centres)}</a
                          >
                          ${identity(item.change, centres)}
                        </th>
                        <td data-label="Votre réponse">${answerBadge(item)}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>`
        }`,
    };
  },
});

export const establishmentItemPage = route({
  method: 'GET',
  path: '/accord/:change',
  roles: ['establishment'],
  handle: async (request) => {
    const { run, region, token } = request;
    const item = await ownItem(request);
    const { change } = item;
    const centres = await plannedCentres(run);
    const title = titleOf(change, centres);
    const at = `/${region.code}/accord/${change.id}`;
    const hidden = shownFields(token, change);
    return {
      kind: 'page',
      title: `Accord – ${title}`,
      body: html`<p><a href="/${region.code}/accord">Revenir à la liste</a></p>
        <h1>${title}</h1>
        <p>${answerBadge(item)}</p>
        ${standingText(item)}
        <h2>Ce qui serait publié dans le ROR</h2>
        ${shownOutside(change, centres, run.config.codes)}
        <h2>Votre réponse</h2>
        <h3>Votre établissement est d’accord</h3>
        <form method="post" action="${at}/accord" enctype="multipart/form-data" class="act">
          ${hidden} ${answerFields('accord')}
          <button class="primary">Donner l’accord de l’établissement pour ${title}</button>
        </form>
        <h3>Votre établissement refuse</h3>
        <form method="post" action="${at}/refus" enctype="multipart/form-data" class="act">
          ${hidden} ${answerFields('refus')}
          ${reasonField('refus', 'Raison du refus (exemple : « unité en cours de transfert »)')}
          <button>Refuser pour ${title}</button>
        </form>`,
    };
  },
});

const answered = z.object({
  empreinte: shownHash,
  par: z.string().max(200),
  reference: z.string().max(200).default(''),
});

export const establishmentAgrees = route({
  method: 'POST',
  path: '/accord/:change/accord',
  roles: ['establishment'],
  upload: DOCUMENT,
  form: answered,
  handle: async (request) => await answer(request, request.form, null),
});

export const establishmentRefuses = route({
  method: 'POST',
  path: '/accord/:change/refus',
  roles: ['establishment'],
  upload: DOCUMENT,
  form: answered.extend({ raison: z.string().max(2000) }),
  handle: async (request) => await answer(request, request.form, request.form.raison),
});

async function answer(
  request: RegionRequest<unknown, unknown>,
  said: z.infer<typeof answered>,
  refusal: string | null,
): Promise<Answer> {
  const { run, region } = request;
  const { change, ej } = await ownItem(request);
  const given = answerOfEstablishment(said, refusal, 'page de l’établissement', run.now());
  const shown = [{ ...change, hash: said.empreinte }];
  await recordAgreement(followupContext(run), shown, given, ofEstablishment(ej), documentOf(request.file));
  const title = titleOf(change, await plannedCentres(run));
  const notice =
    refusal === null ? `Votre accord est enregistré : ${title}.` : `Votre refus est enregistré : ${title}.`;
  return { kind: 'seeOther', to: `/${region.code}/accord`, notice };
}

function ejsOf({ grants }: Pick<RegionRequest, 'grants'>): string[] {
  return grants.flatMap((grant) => (grant.role === 'establishment' && grant.ej !== null ? [grant.ej] : []));
}

/** @throws DataError `LINE_UNKNOWN`, RefusalError `OTHER_ESTABLISHMENT` */
async function ownItem(request: RegionRequest<unknown, unknown>): Promise<AskedAgreement> {
  const item = await askedItem(request);
  if (item.ej !== null && ejsOf(request).includes(item.ej)) return item;
  throw otherEstablishment();
}
