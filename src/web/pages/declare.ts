import { z } from 'zod';
import { centreLinks } from '../../db/centres.js';
import { html, type Html } from '../../domain/html.js';
import { answer, type Acted, type GivenAnswer } from '../../runs/act.js';
import type { RunContext } from '../../runs/context.js';
import { contactAnswer, noContactAnswer } from '../../runs/declare-contact.js';
import { declareHead } from '../../runs/declare-head.js';
import { moveAnswer } from '../../runs/declare-move.js';
import { declarationAnswer, goneCentres } from '../../runs/declare.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { ANSWERERS, route, type RegionRequest } from '../route.js';
import { choicesField } from './choices.js';
import { declarationForm, GENRES, GENRE_WORDS } from './declare-forms.js';
import { titleOf, type Centres } from './parts.js';

const query = z.object({
  // Another word than those of the page, as its own forms send, opens the choice.
  genre: z.enum([...GENRES, '']).catch(''),
  centre: z.string().max(100).default(''),
});

const text = z.string().max(2000).default('');
const form = z.object({
  genre: z.enum([...GENRES, 'contact-ote', 'responsable-efface']),
  centre: z.string().min(1).max(100),
  preuve: text,
  date: text,
  nature: text,
  canal: text,
  visibilite: text,
  valeur: text,
  site: text,
  finess: text,
  nom: text,
});
type Declared = Omit<z.infer<typeof form>, 'genre'>;
type Answered = Exclude<z.infer<typeof form>['genre'], 'responsable' | 'responsable-efface'>;

/** First what changed and where, both in the address, then the short form of that very thing. */
export const declarePage = route({
  method: 'GET',
  path: '/declarer',
  roles: ANSWERERS,
  menu: 'Déclarer',
  query,
  handle: async (request) => {
    const { region, query: asked } = request;
    const centres = await plannedCentres(request.run);
    const ids = await declarable(request.run, centres);
    const chosen = asked.genre !== '' && ids.includes(asked.centre) ? asked.genre : null;
    const about = chosen === null ? null : nameIn(asked.centre, centres);
    return {
      kind: 'page',
      title: chosen === null ? 'Déclarer un changement' : `${GENRE_WORDS[chosen].short} – Déclarer`,
      body:
        chosen === null
          ? html`<h1>Déclarer un changement</h1>
              ${asked.centre !== '' && !ids.includes(asked.centre) ? unknownCentre(asked.centre) : null}
              <p>
                Votre déclaration devient une source datée, avec sa preuve. Ce qu’elle change dans le ROR est
                proposé, et d’autres personnes l’approuvent : jamais vous.
              </p>
              ${
                ids.length === 0
                  ? html`<p>
                      Aucun centre de cette région n’est encore connu : il n’y a rien à déclarer. La liste des
                      centres arrive au premier <a href="/${region.code}/passages">passage</a>.
                    </p>`
                  : chooser(request, ids, centres)
              }`
          : html`<p>
                <a href="/${region.code}/declarer?centre=${asked.centre}">Choisir autre chose à déclarer</a>
              </p>
              <h1>${GENRE_WORDS[chosen].short} : ${about}</h1>
              ${await declarationForm(request, chosen, asked.centre, about ?? '')}`,
    };
  },
});

export const declareChange = route({
  method: 'POST',
  path: '/declarer',
  roles: ANSWERERS,
  placed: ['genre', 'centre'],
  form,
  handle: async (request) => {
    const { run, region, form: given } = request;
    if (given.genre === 'responsable' || given.genre === 'responsable-efface') {
      const name = given.genre === 'responsable' ? given.nom : null;
      await declareHead(run, given.centre, name, { proof: given.preuve, date: given.date });
      return {
        kind: 'seeOther',
        to: `/${region.code}/centres/${given.centre}`,
        notice: name === null ? 'Le nom du responsable est effacé.' : 'Responsable enregistré.',
      };
    }
    const { genre } = given;
    const acted = await answer(run, async (held) => [await answerFor(held, genre, given)]);
    return { kind: 'seeOther', ...afterwards(region.code, given.centre, acted) };
  },
});

async function answerFor(held: RunContext, genre: Answered, given: Declared): Promise<GivenAnswer> {
  const { centre } = given;
  const proved = { proof: given.preuve, date: given.date };
  switch (genre) {
    case 'contact':
      return await contactAnswer(
        held,
        centre,
        {
          nature: given.nature,
          channel: given.canal,
          confidentiality: given.visibilite,
          value: given.valeur,
        },
        proved,
      );
    case 'contact-ote': {
      const [nature = '', channel = ''] = given.valeur.split('/');
      return await noContactAnswer(held, centre, { nature, channel }, proved);
    }
    case 'demenagement':
      return await moveAnswer(held, centre, given.finess.trim() === '' ? given.site : given.finess, proved);
    case 'withdraw':
    case 'close':
    case 'reopen':
      return await declarationAnswer(held, genre, centre, proved);
  }
}

function afterwards(region: string, centre: string, { changes }: Acted): { to: string; notice: string } {
  const next = changes.find((each) => each.centres.some((id) => id === centre));
  return next === undefined
    ? {
        to: `/${region}/centres/${centre}`,
        notice:
          'Déclaration enregistrée. Rien n’est à proposer aujourd’hui : le ROR le dit déjà, ou une liste doit d’abord dire ce centre.',
      }
    : {
        to: `/${region}/changements/${next.id}`,
        notice: 'Déclaration enregistrée : voici ce qu’elle propose. D’autres personnes approuveront.',
      };
}

/** Centres of the last plan, those described by an offer, and those that left: something can happen to each. */
async function declarable(run: RunContext, centres: Centres): Promise<readonly string[]> {
  const linked = (await centreLinks(run.db, run.region.code)).map(({ centre }) => String(centre));
  return [...new Set([...Object.keys(centres), ...linked, ...(await goneCentres(run))])];
}

function unknownCentre(centre: string): Html {
  return html`<p class="notice">
    Le centre « ${centre.slice(0, 60)} » n’est pas connu dans cette région : choisissez-le dans la liste.
  </p>`;
}

function chooser(
  { region, query: asked }: RegionRequest<z.infer<typeof query>>,
  ids: readonly string[],
  centres: Centres,
): Html {
  return html`<form method="get" action="/${region.code}/declarer" class="act">
    ${choicesField({
      id: 'genre',
      name: 'genre',
      legend: 'Ce qui a changé',
      choices: GENRES.map((genre) => ({ value: genre, label: GENRE_WORDS[genre].long })),
      taken: asked.genre,
    })}
    ${centreField(ids, centres, asked.centre)}
    <div><button class="primary">Continuer : remplir la déclaration</button></div>
  </form>`;
}

const nameIn = (id: string, centres: Centres): string => {
  const centre = centres[id];
  return `${titleOf({ centres: [id] }, centres)}${centre === undefined ? '' : ` (${centre.hospital})`}`;
};

function centreField(ids: readonly string[], centres: Centres, asked: string): Html {
  const named = ids
    .map((id) => ({ id, text: nameIn(id, centres) }))
    .sort((a, b) => a.text.localeCompare(b.text, 'fr'));
  return html`<label for="centre">Centre</label>
    <select id="centre" name="centre" required>
      <option value="">choisissez un centre</option>
      ${named.map(
        ({ id, text: name }) =>
          html`<option value="${id}" ${id === asked ? html`selected` : null}>${clipped(name)}</option>`,
      )}
    </select>`;
}

/** A list of choices has one line for each. */
const clipped = (name: string): string => (name.length > 120 ? `${name.slice(0, 119)}…` : name);
