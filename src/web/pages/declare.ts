import { z } from 'zod';
import { centreLinks } from '../../db/centres.js';
import { html, type Html } from '../../domain/html.js';
import { answer } from '../../runs/act.js';
import { declarationAnswer, goneCentres, type Declaration } from '../../runs/declare.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { ANSWERERS, route } from '../route.js';
import { titleOf, type Centres } from './parts.js';

const KINDS = ['withdraw', 'close', 'reopen'] as const satisfies readonly Declaration[];
const WORDS: Readonly<Record<Declaration, string>> = {
  withdraw: 'Label perdu : filror retire ce qu’il a écrit, la consultation reste ouverte',
  close: 'Fermeture : l’offre créée par filror reçoit une date de fermeture',
  reopen: 'Retour : label retrouvé, ou offre rouverte',
};

const query = z.object({
  genre: z.enum([...KINDS, '']).default(''),
  centre: z.string().max(100).default(''),
});
const form = z.object({
  genre: z.enum(KINDS),
  centre: z.string().min(1).max(100),
  preuve: z.string().max(2000),
  date: z.string().max(20),
});

export const declarePage = route({
  method: 'GET',
  path: '/declarer',
  roles: ANSWERERS,
  menu: 'Déclarer',
  query,
  handle: async (request) => {
    const { run, region, token, query: asked } = request;
    const centres = await plannedCentres(request.run);
    const linked = (await centreLinks(run.db, region.code)).map(({ centre }) => String(centre));
    const ids = [...new Set([...linked, ...(await goneCentres(run))])];
    return {
      kind: 'page',
      title: 'Déclarer un changement',
      body: html`<h1>Déclarer un changement</h1>
        <p>
          Votre déclaration devient une proposition datée, avec sa preuve. Vous en êtes l’auteur : deux autres
          personnes approuvent un retrait ou une fermeture.
        </p>
        ${
          ids.length === 0
            ? html`<p>
                Aucun centre de cette région n’est encore décrit par une offre du ROR : il n’y a rien à
                déclarer.
              </p>`
            : html`<form method="post" action="/${region.code}/declarer" class="act">
                ${token} ${kindField(asked.genre)} ${centreField(ids, centres, asked.centre)}
                <label for="preuve">Preuve : acte ou document, date, page</label>
                <textarea id="preuve" name="preuve" required maxlength="2000" rows="2"></textarea>
                <label for="date">Date d’effet</label>
                <input id="date" name="date" type="date" required />
                <div><button class="primary">Déclarer ce changement</button></div>
              </form>`
        }
        <h2>Ce qui ne se déclare pas encore ici</h2>
        <p>
          Responsable, secrétariat, contact et déménagement ne se déclarent pas encore dans filror. Un
          déménagement se lit dans la liste des centres (la source), une fois corrigée, au prochain passage.
          La fermeture d’une offre que filror n’a pas créée appartient à l’établissement : déclarez la perte
          du label.
        </p>`,
    };
  },
});

export const declareChange = route({
  method: 'POST',
  path: '/declarer',
  roles: ANSWERERS,
  form,
  handle: async (request) => {
    const { run, region, form: given } = request;
    const declared = await declarationAnswer(run, given.genre, given.centre, {
      proof: given.preuve,
      date: given.date,
    });
    const { changes } = await answer(run, [declared]);
    const next = changes.find((each) => each.centres.some((id) => id === given.centre));
    return {
      kind: 'seeOther',
      to: next === undefined ? `/${region.code}/declarer` : `/${region.code}/changements/${next.id}`,
      notice:
        next === undefined
          ? 'Déclaration enregistrée. Rien n’est proposé aujourd’hui : ce le sera dès qu’une liste lue dira ce centre.'
          : 'Déclaration enregistrée : voici ce qu’elle propose. D’autres personnes approuveront.',
    };
  },
});

function kindField(asked: Declaration | ''): Html {
  return html`<fieldset>
    <legend>Ce qui a changé</legend>
    ${KINDS.map(
      (kind) =>
        html`<label class="choice" for="genre-${kind}"
          ><input
            type="radio"
            id="genre-${kind}"
            name="genre"
            value="${kind}"
            required
            ${asked === kind ? html`checked` : null}
          />
          ${WORDS[kind]}</label
        >`,
    )}
  </fieldset>`;
}

function centreField(ids: readonly string[], centres: Centres, asked: string): Html {
  const named = ids
    .map((id) => {
      const centre = centres[id];
      const where = centre === undefined ? '' : ` (${centre.hospital})`;
      return { id, text: `${titleOf({ centres: [id] }, centres)}${where}` };
    })
    .sort((a, b) => a.text.localeCompare(b.text, 'fr'));
  return html`<label for="centre">Centre</label>
    <select id="centre" name="centre" required>
      <option value="">choisissez un centre</option>
      ${named.map(
        ({ id, text }) =>
          html`<option value="${id}" ${id === asked ? html`selected` : null}>${clipped(text)}</option>`,
      )}
    </select>`;
}

/** A list of choices has one line for each. */
const clipped = (text: string): string => (text.length > 120 ? `${text.slice(0, 119)}…` : text);
