import { momentText } from '../../domain/time.js';
import { z } from 'zod';
import { findPerson, grantsOf, knownPeople, type GrantRow, type KnownPerson } from '../../db/grants.js';
import { ROLES } from '../../db/people.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { fold } from '../../normalise/text.js';
import {
  deputyText,
  DEPUTISED,
  giveGrant,
  grantState,
  nameDeputy,
  renewGrant,
  withdrawGrant,
  type GrantContext,
  type GrantState,
} from '../../review/grants.js';
import { ROLE_WORDS } from '../../domain/roles.js';
import { route, type RegionRequest } from '../route.js';

/** Found people shown at once: beyond, the search is made narrower. */
const FOUND_AT_MOST = 20;
const STATE_WORDS: Readonly<Record<GrantState, string>> = {
  active: 'en vigueur',
  unconfirmed: 'à confirmer : ne compte plus',
  notYet: 'à venir',
  over: 'terminé',
  orphaned: 'sans effet : la personne suppléée n’a plus ce droit',
  persona: 'sans effet : personnage d’essai',
  revoked: 'retiré',
};

export const grantsPage = route({
  method: 'GET',
  path: '/droits',
  roles: ['administrator'],
  menu: 'Droits',
  query: z.object({
    cherche: z.string().max(200).default(''),
    personne: z.string().max(40).default(''),
  }),
  handle: async (request) => {
    const { run, region, query } = request;
    const grants = await grantsOf(run.db, region.code);
    const standing = grants.filter((grant) => grant.revokedAt === null);
    const past = grants.filter((grant) => grant.revokedAt !== null);
    const chosen = /^[0-9a-f-]{36}$/.test(query.personne) ? await findPerson(run.db, query.personne) : null;
    return {
      kind: 'page',
      title: `${counted(standing.length, 'droit')} – Droits`,
      body: html`<h1>Droits</h1>
        <p class="lead">
          ${counted(standing.length, 'droit')} dans la région. Un droit se confirme tous les
          ${run.config.review.grantMaxAgeDays} jours, sinon il ne compte plus. Personne ne se donne un droit.
        </p>
        ${standingTable(request, standing)}
        <h2>Donner un droit, nommer un suppléant</h2>
        ${search(request, chosen === null ? await found(request) : null)}
        ${chosen === null ? null : forms(request, chosen, standing)} ${pastTable(past)}`,
    };
  },
});

export const giveGrantPost = route({
  method: 'POST',
  path: '/droits/donner',
  roles: ['administrator'],
  form: z.object({
    personne: z.string().max(40),
    droit: z.enum(ROLES),
    ej: z.string().trim().max(20).default(''),
  }),
  handle: async (request) => {
    const { personne, droit, ej } = request.form;
    const wanted = { person: personne, role: droit, ej: ej === '' ? null : ej };
    return done(request, 'Droit donné', await giveGrant(granting(request), wanted));
  },
});

export const nameDeputyPost = route({
  method: 'POST',
  path: '/droits/suppleer',
  roles: ['administrator'],
  form: z.object({
    personne: z.string().max(40),
    de: z.coerce.number().int().positive(),
    du: z.string().max(20),
    au: z.string().max(20),
  }),
  handle: async (request) => {
    const { personne, de, du, au } = request.form;
    const wanted = { person: personne, of: de, from: du, until: au };
    return done(request, 'Suppléance enregistrée', await nameDeputy(granting(request), wanted));
  },
});

const oneGrant = z.object({ droit: z.coerce.number().int().positive() });

export const confirmGrantPost = route({
  method: 'POST',
  path: '/droits/confirmer',
  roles: ['administrator'],
  form: oneGrant,
  handle: async (request) =>
    done(request, 'Droit confirmé', await renewGrant(granting(request), request.form.droit)),
});

export const revokeGrantPost = route({
  method: 'POST',
  path: '/droits/retirer',
  roles: ['administrator'],
  form: oneGrant,
  handle: async (request) =>
    done(request, 'Droit retiré', await withdrawGrant(granting(request), request.form.droit)),
});

function granting({ run, region, person }: RegionRequest): GrantContext {
  return { db: run.db, region, review: run.config.review, person, now: run.now() };
}

function done({ region }: RegionRequest, act: string, grant: GrantRow) {
  return {
    kind: 'seeOther' as const,
    to: `/${region.code}/droits`,
    notice: `${act} : ${grantText(grant)}.`,
  };
}

function nameOf(person: Pick<KnownPerson, 'name' | 'subject'>): string {
  return person.name ?? person.subject;
}

/** "valideur, Personne d’essai, au nom de Autre personne du 01/08/2026 au 31/08/2026" */
function grantText(grant: GrantRow): string {
  return `${ROLE_WORDS[grant.role]}, ${nameOf(grant)}${deputyText(grant)}`;
}

function standingTable(request: RegionRequest, grants: readonly GrantRow[]): Html {
  if (grants.length === 0) return html`<p>Personne n’a de droit dans cette région.</p>`;
  return html`<table class="stack">
    <caption>
      Qui a quel droit
    </caption>
    <thead>
      <tr>
        <th scope="col">Personne</th>
        <th scope="col">Droit</th>
        <th scope="col">État</th>
        <th scope="col">Donné, confirmé</th>
        <th scope="col">Agir</th>
      </tr>
    </thead>
    <tbody>
      ${grants.map((grant) => row(request, grant))}
    </tbody>
  </table>`;
}

function row(request: RegionRequest, grant: GrantRow): Html {
  const state = grantState(grant, granting(request));
  const tone = state === 'active' ? 'add' : state === 'notYet' ? 'plain' : 'alert';
  return html`<tr>
    <th scope="row">
      ${nameOf(grant)}
      <div class="identity"><span>${grant.issuer}</span><span>${grant.subject}</span></div>
    </th>
    <td data-label="Droit">
      ${ROLE_WORDS[grant.role]}${grant.ej === null ? null : ` de l’entité juridique ${grant.ej}`}${deputyText(grant)}
    </td>
    <td data-label="État"><span class="badge ${tone}">${STATE_WORDS[state]}</span></td>
    <td data-label="Donné, confirmé">
      donné le ${momentText(grant.grantedAt)}, confirmé le ${momentText(grant.confirmedAt)}
    </td>
    <td data-label="Agir">${acts(request, grant)}</td>
  </tr>`;
}

function acts({ region, token, person }: RegionRequest, grant: GrantRow): Html {
  const what = `le droit ${/^[aeéiou]/.test(ROLE_WORDS[grant.role]) ? 'd’' : 'de '}${grantText(grant)}`;
  const act = (path: string, verb: string): Html =>
    html`<form class="act" method="post" action="/${region.code}/droits/${path}">
      ${token}<input type="hidden" name="droit" value="${grant.no}" />
      <button>${verb}<span class="hidden"> ${what}</span></button>
    </form>`;
  const own = grant.person === person.id;
  const confirm = own
    ? html`<p class="small">C’est votre droit : un autre administrateur le confirme.</p>`
    : act('confirmer', 'Confirmer');
  return html`${confirm} ${act('retirer', 'Retirer')}`;
}

/** People whose name or identifier holds the words; null when nothing was searched. */
async function found({
  run,
  query,
  region,
}: RegionRequest<{ cherche: string }>): Promise<KnownPerson[] | null> {
  const words = fold(query.cherche);
  if (words.length < 2) return null;
  return (await knownPeople(run.db)).filter(
    ({ name, subject, issuer }) =>
      (issuer.startsWith('persona:') ? issuer === `persona:${region.code}` && region.sandbox : true) &&
      fold(`${name ?? ''} ${subject}`).includes(words),
  );
}

function search(
  { region, query }: RegionRequest<{ cherche: string }>,
  people: readonly KnownPerson[] | null,
): Html {
  const shown = people?.slice(0, FOUND_AT_MOST) ?? [];
  return html`<form class="filters" method="get" action="/${region.code}/droits" role="search">
      <div>
        <label for="cherche"
          >Chercher une personne déjà venue (nom ou identifiant, deux lettres au moins)</label
        >
        <input id="cherche" name="cherche" type="search" value="${query.cherche}" maxlength="200" />
      </div>
      <button>Chercher la personne</button>
    </form>
    ${
      people === null
        ? null
        : people.length === 0
          ? html`<p>
              Personne de ce nom n’est encore venu. Demandez-lui de se connecter une fois : son compte
              apparaîtra ici.
            </p>`
          : html`<ul class="plain">
              ${shown.map(
                (each) =>
                  html`<li>
                    <a href="/${region.code}/droits?personne=${each.id}">Choisir ${nameOf(each)}</a>
                    <span class="muted small">${each.issuer}, ${each.subject}</span>
                  </li>`,
              )}
            </ul>`
    }
    ${
      people !== null && people.length > shown.length
        ? html`<p>… et ${people.length - shown.length} autres : précisez la recherche.</p>`
        : null
    }`;
}

function forms(request: RegionRequest, chosen: KnownPerson, standing: readonly GrantRow[]): Html {
  const { region, token, person } = request;
  const name = nameOf(chosen);
  if (chosen.id === person.id)
    return html`<p>Vous ne pouvez pas vous donner un droit : demandez-le à un autre administrateur.</p>`;
  const deputised = standing.filter(
    (grant) =>
      grant.onBehalfOf === null &&
      DEPUTISED.includes(grant.role) &&
      grant.person !== chosen.id &&
      grantState(grant, granting(request)) === 'active',
  );
  const hidden = html`${token}<input type="hidden" name="personne" value="${chosen.id}" />`;
  return html`<h3>${name}</h3>
    <p class="muted small">${chosen.issuer}, ${chosen.subject}</p>
    <form class="act" method="post" action="/${region.code}/droits/donner">
      ${hidden}
      <div class="filters">
        <div>
          <label for="droit">Droit à donner</label>
          <select id="droit" name="droit">
            ${ROLES.map((role) => html`<option value="${role}">${ROLE_WORDS[role]}</option>`)}
          </select>
        </div>
        <div>
          <label for="ej">FINESS de l’entité juridique (droit « établissement » seulement)</label>
          <input id="ej" name="ej" maxlength="9" autocomplete="off" />
        </div>
      </div>
      <button class="primary">Donner ce droit à ${name}</button>
    </form>
    ${
      deputised.length === 0
        ? html`<p>Aucun droit en vigueur ne peut être suppléé par cette personne.</p>`
        : html`<form class="act" method="post" action="/${region.code}/droits/suppleer">
            ${hidden}
            <div class="filters">
              <div>
                <label for="de">Au nom de</label>
                <select id="de" name="de">
                  ${deputised.map((grant) => html`<option value="${grant.no}">${nameOf(grant)}, ${ROLE_WORDS[grant.role]}</option>`)}
                </select>
              </div>
              <div>
                <label for="du">Première journée</label>
                <input id="du" name="du" type="date" required />
              </div>
              <div>
                <label for="au">Dernière journée (comprise)</label>
                <input id="au" name="au" type="date" required />
              </div>
            </div>
            <button>Nommer ${name} suppléant</button>
          </form>`
    }`;
}

function pastTable(past: readonly GrantRow[]): Html | null {
  if (past.length === 0) return null;
  return html`<details>
    <summary>${counted(past.length, 'droit retiré', 'droits retirés')}</summary>
    <ul>
      ${past.map(
        (grant) =>
          html`<li>
            ${grantText(grant)} : donné le
            ${momentText(grant.grantedAt)}${grant.revokedAt === null ? null : `, retiré le ${momentText(grant.revokedAt)}`}
          </li>`,
      )}
    </ul>
  </details>`;
}
