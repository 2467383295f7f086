import { momentText } from '../../domain/time.js';
import { z } from 'zod';
import type { Answer } from '../../db/answers.js';
import { displayNames } from '../../db/people.js';
import { counted } from '../../domain/counted.js';
import { RefusalError } from '../../domain/errors.js';
import { html, type Html } from '../../domain/html.js';
import { canonicalHash } from '../../domain/json.js';
import { answer, type GivenAnswer } from '../../runs/act.js';
import { mentionId, writingOf } from '../../runs/places.js';
import type { OpenMention } from '../../runs/propose.js';
import {
  matchDecisions,
  noneAnswer,
  openMentions,
  recogniseAnswer,
  undoMatchAnswer,
} from '../../runs/recognise.js';
import { ANSWERERS, STAFF, mayAnswer, route, type RegionRequest } from '../route.js';
import { candidateTable } from './candidates.js';
import { pager } from './parts.js';

/** Hospitals of one page, and decisions shown below them. */
const PAGE_SIZE = 20;
const LAST_DECISIONS = 10;

/** What the person saw: a decision is refused once the candidates are others. */
const seen = z.object({ vu: z.string().regex(/^[0-9a-f]{64}$/) });

export const matchesPage = route({
  method: 'GET',
  path: '/rapprochements',
  roles: STAFF,
  menu: 'Rapprochements',
  query: z.object({ page: z.coerce.number().int().min(1).max(100_000).default(1) }),
  handle: async (request) => {
    const { run, region, query } = request;
    const rejected = await rejectedKeys(request);
    const mentions = toDecideFirst(await openMentions(run), rejected);
    const last = Math.max(1, Math.ceil(mentions.length / PAGE_SIZE));
    const page = Math.min(query.page, last);
    const here = mentions.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
    return {
      kind: 'page',
      title: `${counted(mentions.length, 'hôpital', 'hôpitaux')} à reconnaître – Rapprochements`,
      body: html`<h1>Rapprochements</h1>
        <p class="lead">
          ${
            mentions.length === 0
              ? 'Aucun rapprochement en attente.'
              : `${counted(mentions.length, 'hôpital écrit', 'hôpitaux écrits')} dans les listes à reconnaître dans FINESS.`
          }
        </p>
        <p>
          Une décision vaut pour toutes les lignes écrites de la même façon, jusqu’à ce qu’elle soit annulée.
        </p>
        ${here.map((mention) => mentionPart(request, mention, rejected.has(mention.key)))}
        ${pager(page, last, (to) => `/${region.code}/rapprochements?page=${String(to)}`, 'la liste')}
        ${await decisions(request)}`,
    };
  },
});

export const recogniseHospital = route({
  method: 'POST',
  path: '/rapprochements/:mention/reconnaitre',
  roles: ANSWERERS,
  form: seen.extend({ finess: z.string().trim().min(1).max(40) }),
  handle: async (request) => {
    const { run, params, form } = request;
    await requireSeen(request, form.vu);
    const given = await recogniseAnswer(run, params['mention'] ?? '', form.finess);
    return await decided(request, given, `reconnu : FINESS ${form.finess}`);
  },
});

export const noneOfThese = route({
  method: 'POST',
  path: '/rapprochements/:mention/aucun',
  roles: ANSWERERS,
  form: seen,
  handle: async (request) => {
    await requireSeen(request, request.form.vu);
    const given = await noneAnswer(request.run, request.params['mention'] ?? '');
    return await decided(request, given, 'aucun des candidats');
  },
});

export const undoRecognition = route({
  method: 'POST',
  path: '/rapprochements/:mention/annuler',
  roles: ANSWERERS,
  handle: async (request) => {
    const given = await undoMatchAnswer(request.run, request.params['mention'] ?? '');
    return await decided(request, given, 'décision annulée, la question est posée de nouveau');
  },
});

/** Records, then goes to the next hospital of the list: with the keyboard, the next button is one Tab away. */
async function decided(request: RegionRequest, given: GivenAnswer, what: string) {
  const { run, region } = request;
  const before = toDecideFirst(await openMentions(run), await rejectedKeys(request));
  const { report } = await answer(run, [given]);
  const after = toDecideFirst(report.mentions, await rejectedKeys(request));
  // What stood after the decided one has moved up into its place.
  const stood = before.findIndex(({ key }) => key === given.subject);
  const at = given.kind === 'undo' ? after.findIndex(({ key }) => key === given.subject) : Math.max(0, stood);
  const next = after[at]?.id;
  const page = Math.floor(Math.max(0, at) / PAGE_SIZE) + 1;
  const place = `${page > 1 ? `?page=${String(page)}` : ''}${next === undefined ? '' : `#${next}`}`;
  return {
    kind: 'seeOther' as const,
    to: `/${region.code}/rapprochements${place}`,
    notice: `« ${writtenAs(given.subject)} » : ${what}. ${report.summary}`.slice(0, 1000),
  };
}

/** Hospitals of which a person said that no candidate is right: they wait for a number. */
async function rejectedKeys({ run }: RegionRequest): Promise<ReadonlySet<string>> {
  const holding = new Map((await matchDecisions(run)).map(({ subject, kind }) => [subject, kind]));
  return new Set([...holding].filter(([, kind]) => kind === 'matchReject').map(([subject]) => subject));
}

/** Those still to decide first: each decision leaves the next one in its place. */
function toDecideFirst(
  mentions: readonly OpenMention[],
  rejected: ReadonlySet<string>,
): readonly OpenMention[] {
  return [
    ...mentions.filter(({ key }) => !rejected.has(key)),
    ...mentions.filter(({ key }) => rejected.has(key)),
  ];
}

/** @throws RefusalError `NOT_AS_SHOWN` */
async function requireSeen({ run, params }: RegionRequest, shown: string): Promise<void> {
  const open = (await openMentions(run)).find(({ id }) => id === params['mention']);
  if (open === undefined || canonicalHash(open) === shown) return;
  throw new RefusalError({
    code: 'NOT_AS_SHOWN',
    message:
      'Les candidats de cet hôpital ont changé depuis qu’ils vous ont été montrés : rien n’est enregistré.',
    remedy: 'ouvrez de nouveau la page Rapprochements, relisez les candidats, puis décidez.',
  });
}

function mentionPart(request: RegionRequest, mention: OpenMention, rejected: boolean): Html {
  const offered = rejected ? [] : mention.candidates;
  const { region, token } = request;
  const may = mayAnswer(request);
  const name = `« ${mention.mention} »${mention.town === null ? '' : `, ${mention.town}`}`;
  const at = `/${region.code}/rapprochements/${mention.id}`;
  const hidden = html`${token}<input type="hidden" name="vu" value="${canonicalHash(mention)}" />`;
  const act = may
    ? (finess: string, label: string): Html =>
        html`<form method="post" action="${at}/reconnaitre">
          ${hidden}<input type="hidden" name="finess" value="${finess}" />
          <button>C’est cet hôpital<span class="hidden"> : ${label}</span></button>
        </form>`
    : null;
  return html`<section class="mention" id="${mention.id}" aria-labelledby="${mention.id}-nom" tabindex="-1">
    <h2 id="${mention.id}-nom">${name}</h2>
    <p>
      ${rejected ? 'Une personne a dit qu’aucun candidat n’est le bon : donnez son numéro FINESS.' : mention.reason}
    </p>
    ${offered.length === 0 ? null : candidateTable(mention, name, act)}
    ${
      may
        ? html`${
              offered.length === 0
                ? null
                : html`<form method="post" action="${at}/aucun" class="act">
                    ${hidden}
                    <button>Aucun de ceux-ci<span class="hidden"> pour ${name}</span></button>
                  </form>`
            }
            <form method="post" action="${at}/reconnaitre" class="act">
              ${hidden}
              <label for="${mention.id}-finess">Un autre hôpital : son numéro FINESS (9 caractères)</label>
              <input id="${mention.id}-finess" name="finess" required maxlength="40" />
              <button>C’est ce numéro<span class="hidden"> pour ${name}</span></button>
            </form>`
        : html`<p>Décider demande le droit d’opérateur ou de valideur.</p>`
    }
  </section>`;
}

/** The last decisions, newest first, each with its undoing. */
async function decisions(request: RegionRequest): Promise<Html | null> {
  const { run, region, token } = request;
  const all = await matchDecisions(run);
  // The last decision on a hospital is the one that holds, and the one that is taken back.
  const holding = [...new Map(all.map((each) => [each.subject, each])).values()];
  const shown = holding.sort((a, b) => b.no - a.no).slice(0, LAST_DECISIONS);
  if (shown.length === 0) return null;
  const names = await displayNames(
    run.db,
    shown.map(({ author }) => author),
  );
  const may = mayAnswer(request);
  return html`<h2>Dernières décisions</h2>
    <ul class="questions">
      ${shown.map(
        (each) =>
          html`<li>
            « ${writtenAs(each.subject)} » : ${verdict(each)}, par ${names.get(each.author) ?? 'personne'}, le
            ${momentText(each.at)}
            ${
              may
                ? html`<form
                    method="post"
                    action="/${region.code}/rapprochements/${mentionId(each.subject)}/annuler"
                  >
                    ${token}
                    <button>Annuler la décision sur « ${writtenAs(each.subject)} »</button>
                  </form>`
                : null
            }
          </li>`,
      )}
    </ul>`;
}

function verdict({ kind, body }: Answer): string {
  if (kind === 'matchReject') return 'aucun des candidats';
  return `FINESS ${String(body['eg'] ?? body['ej'])}`;
}

function writtenAs(key: string): string {
  const written = writingOf(key);
  if (written === null) return key;
  return [written.hospital, written.town].filter((part) => part !== '').join(', ');
}
