import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { agreementLink, type AgreementLink } from '../db/agreement-links.js';
import { changesByIds, type StoredChange } from '../db/changes.js';
import { identifyPerson } from '../db/person.js';
import type { RegionProfile } from '../config/schema/region.js';
import { counted } from '../domain/counted.js';
import { DataError, RefusalError } from '../domain/errors.js';
import { html, type Html } from '../domain/html.js';
import { checkedBy } from '../domain/schema-faults.js';
import { parisDay } from '../domain/time.js';
import { recordAgreement } from '../followup/agree.js';
import { byLink, requireUnanswered } from '../followup/entitled.js';
import { plannedCentres } from '../runs/planned-centres.js';
import type { WebContext } from './context.js';
import { readUpload } from './upload.js';
import { pageUnknown } from './errors.js';
import { outsidePage } from './frame.js';
import { answerFields, DOCUMENT, documentOf, reasonField, shownOutside } from './pages/agreement-parts.js';
import { answerOfEstablishment } from './pages/answered.js';
import { titleOf } from './pages/parts.js';

/** Asked from one address in a minute: guessing 32 random bytes is hopeless, trying should cost too. */
const PER_MINUTE = 30;
const PATH = '/lien/:region(^[0-9]{2}$)/:secret';

const said = z.object({ par: z.string().max(200), reference: z.string().max(200).default('') });
const refused = said.extend({ raison: z.string().max(2000) });

interface Opened {
  readonly region: RegionProfile;
  readonly link: AgreementLink;
}

/**
 * The page of a signed link: whoever holds it sees what it was made for and answers once, without an account. Reading
 * it records nothing, so that a gateway of mail that follows links agrees to nothing.
 */
export function registerSignedLinks(app: FastifyInstance, context: WebContext): void {
  const config = {
    bySecretAddress: true,
    rateLimit: { max: PER_MINUTE, timeWindow: '1 minute' },
  };

  app.get(PATH, { config }, async (request, reply) => {
    const opened = await open(context, request.params);
    return await outsidePage(reply, await linkPage(context, opened, request.url));
  });

  for (const verdict of ['accord', 'refus'] as const) {
    app.post(`${PATH}/${verdict}`, { config: { ...config, upload: DOCUMENT } }, async (request, reply) => {
      const opened = await open(context, request.params);
      await readUpload(request);
      const count = opened.link.changes.length;
      await answer(context, opened, verdict, request);
      return await outsidePage(reply, {
        title: 'Réponse enregistrée',
        body: html`<h1>Merci : votre réponse est enregistrée</h1>
          <p>
            ${verdict === 'accord' ? 'Accord donné' : 'Refus enregistré'} pour
            ${counted(count, 'changement')}. Ce lien a servi : il n’ouvre plus rien.
          </p>`,
      });
    });
  }
}

/** @throws DataError `PAGE_UNKNOWN`, `LINK_UNKNOWN`, RefusalError `LINK_USED`, `LINK_EXPIRED`, `LINK_ANSWERED` */
async function open(context: WebContext, params: unknown): Promise<Opened> {
  const { region: code, secret } = params as { region: string; secret: string };
  const region = context.regions.find((each) => each.code === code);
  if (region === undefined) throw pageUnknown();
  const link = await agreementLink(context.db, code, secret);
  const remedy = 'demandez un autre lien à l’équipe qui vous l’a envoyé.';
  if (link === null)
    throw new DataError({ code: 'LINK_UNKNOWN', message: 'Ce lien n’existe pas, ou est incomplet.', remedy });
  if (link.usedAt !== null)
    throw new RefusalError({
      code: 'LINK_USED',
      message: `Ce lien a servi le ${parisDay(link.usedAt)} : la réponse de votre établissement est enregistrée.`,
      remedy: 'rien à faire ; pour revenir sur la réponse, écrivez à l’équipe qui vous l’a envoyé.',
    });
  if (link.expiresAt.getTime() <= context.now().getTime())
    throw new RefusalError({
      code: 'LINK_EXPIRED',
      message: `Ce lien n’est plus valable depuis le ${parisDay(link.expiresAt)}.`,
      remedy,
    });
  await requireUnanswered(context.db, code, link);
  return { region, link };
}

async function linkPage(
  context: WebContext,
  { region, link }: Opened,
  address: string,
): Promise<{ title: string; body: Html }> {
  const changes = await changesByIds(
    context.db,
    region.code,
    link.changes.map(({ id }) => id),
  );
  const centres = await plannedCentres({ db: context.db, region });
  const moved = changes.filter((change) => !stillAsked(change, link));
  const at = address.split('?', 1)[0] ?? '';
  const what = counted(changes.length, 'changement');
  const [hospital] = changes.flatMap((change) => change.centres.flatMap((id) => centres[id]?.hospital ?? []));
  return {
    title: 'Accord de l’établissement',
    body: html`<h1>Accord de votre établissement : ${hospital ?? 'entité juridique'} (FINESS ${link.ej})</h1>
      <p class="lead">
        L’équipe maladies rares de la région ${region.name} propose ce qui suit, et demande votre accord avant
        le ${parisDay(link.expiresAt)}. Lire cette page n’engage à rien.
      </p>
      ${
        changes.some(({ elements }) => elements.some(({ channel }) => channel === 'served'))
          ? html`<p>
              Ce qui est marqué « servi, non envoyé au ROR » n’a pas de place dans le ROR : filror le donne à
              qui le consulte. Tout le reste serait publié dans le ROR.
            </p>`
          : null
      }
      ${changes.map(
        (change) =>
          html`<h2>${titleOf(change, centres)}</h2>
            ${shownOutside(change, centres, context.config.codes)}`,
      )}
      <h2>Votre réponse</h2>
      ${
        moved.length > 0
          ? html`<div class="banner drift">
              <p>
                ${moved.map((change) => titleOf(change, centres)).join(', ')} : ce n’est plus la forme pour
                laquelle ce lien a été fait. On ne peut plus répondre ici.
              </p>
              <p><strong>Que faire :</strong> demandez un autre lien à l’équipe qui vous l’a envoyé.</p>
            </div>`
          : html`<h3>Votre établissement est d’accord</h3>
              <form method="post" action="${at}/accord" enctype="multipart/form-data" class="act">
                ${answerFields('accord')}
                <button class="primary">Donner l’accord de l’établissement pour ${what}</button>
              </form>
              <h3>Votre établissement refuse</h3>
              <form method="post" action="${at}/refus" enctype="multipart/form-data" class="act">
                ${answerFields('refus')}
                ${reasonField('refus', 'Raison du refus (exemple : « unité en cours de transfert »)')}
                <button>Refuser pour ${what}</button>
              </form>`
      }`,
  };
}

function stillAsked({ id, hash, state }: StoredChange, { changes }: AgreementLink): boolean {
  const form = changes.find((each) => each.id === id);
  return form?.hash === hash && (state === 'proposed' || state === 'approved');
}

/** All of the link's changes, in the forms that it was made for, or none. */
async function answer(
  context: WebContext,
  { region, link }: Opened,
  verdict: 'accord' | 'refus',
  { body, uploaded }: Pick<FastifyRequest, 'body' | 'uploaded'>,
): Promise<void> {
  const { db, config } = context;
  const checked = checkedBy(verdict === 'accord' ? said : refused, body ?? {});
  if (!checked.ok)
    throw new DataError({
      code: 'FORM_INVALID',
      message: `Cette réponse est incomplète : ${checked.faults.trim()}`,
      remedy: 'revenez à la page, complétez, puis recommencez ; rien n’a été enregistré.',
    });
  const now = context.now();
  const stored = await changesByIds(
    db,
    region.code,
    link.changes.map(({ id }) => id),
  );
  const shown = stored.map((change) => ({
    ...change,
    hash: link.changes.find(({ id }) => id === change.id)?.hash ?? '',
  }));
  const refusal = verdict === 'accord' ? null : (checked.data as z.infer<typeof refused>).raison;
  const given = answerOfEstablishment(checked.data, refusal, `lien signé n° ${String(link.no)}`, now);
  // Nobody signed in: what is recorded names the link's establishment.
  const displayName = `Établissement ${link.ej} (lien signé)`;
  const id = await identifyPerson(db, {
    issuer: 'lien-signe',
    subject: `${region.code}:${link.ej}`,
    displayName,
  });
  const person = { id, displayName };
  await recordAgreement(
    { db, region, review: config.review, person, now },
    shown,
    given,
    byLink(link),
    documentOf(uploaded),
  );
  context.log.info('establishment answered by link', { region: region.code, link: link.no });
}
