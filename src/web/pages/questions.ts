import { z } from 'zod';
import { OPEN_STATES, type StoredChange } from '../../db/changes.js';
import type { Reason } from '../../domain/change.js';
import { html, type Html } from '../../domain/html.js';
import { answer, type GivenAnswer } from '../../runs/act.js';
import {
  attachAnswer,
  centreOf,
  completionAnswers,
  createAnswer,
  differentAnswer,
  sameAnswer,
} from '../../runs/reply.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { ANSWERERS, mayAnswer, route, type RegionRequest } from '../route.js';
import { oneChange } from './find.js';
import { titleOf, type Centres } from './parts.js';
import { DIFFERENT, NEW_OFFER, questionForm } from './question-forms.js';
import { shownHash } from './shown.js';

const several = z.union([z.string().max(2000), z.array(z.string().max(100)).max(100)]);
/** One answer to one question, bound to the change as it was shown. */
const answerForm = z.object({
  empreinte: shownHash,
  centre: z.string().max(100),
  question: z.enum(['rattacher', 'continuite', 'completer']),
  champ: z.string().max(40).default(''),
  reponse: several.default(''),
  preuve: z.string().max(2000).optional(),
});
type Given = z.infer<typeof answerForm>;

/** Records one answer and goes to the change as it stands afterwards. */
export const answerQuestion = route({
  method: 'POST',
  path: '/changements/:change/repondre',
  roles: ANSWERERS,
  form: answerForm,
  handle: async (request) => {
    const { run, region, form } = request;
    const change = await oneChange(request);
    const centre = centreOf(change, form.centre);
    const given = await answersOf(request, change, centre);
    const { changes } = await answer(run, given, { id: change.id, hash: form.empreinte });
    const next = changes.find((each) => each.centres.some((id) => id === centre));
    return {
      kind: 'seeOther',
      to: next === undefined ? `/${region.code}/changements` : `/${region.code}/changements/${next.id}`,
      notice: `Réponse enregistrée pour ${titleOf({ centres: [centre] }, await plannedCentres(request.run))}. Vous en êtes l’auteur : une autre personne approuvera.`,
    };
  },
});

async function answersOf(
  { run, form }: RegionRequest<unknown, Given>,
  change: StoredChange,
  centre: string,
): Promise<GivenAnswer[]> {
  const one = typeof form.reponse === 'string' ? form.reponse.trim() : form.reponse.join(',');
  switch (form.question) {
    case 'rattacher':
      return [one === NEW_OFFER ? createAnswer(centre) : attachAnswer(change, centre, one)];
    case 'continuite':
      return [one === DIFFERENT ? differentAnswer(centre) : sameAnswer(change, centre, one)];
    case 'completer': {
      const proof = form.preuve?.trim();
      return await completionAnswers(run, change, centre, {
        values: [`${form.champ}=${one}`],
        proof: proof === '' ? undefined : proof,
      });
    }
  }
}

/** Every reason of a change: those that block first, each with the form that answers it where one exists. */
export async function questions(
  request: RegionRequest,
  change: StoredChange,
  centres: Centres,
): Promise<Html | null> {
  const all = [...change.reasons, ...confirmable(change)];
  if (all.length === 0) return null;
  const may = mayAnswer(request);
  const open = OPEN_STATES.includes(change.state) && !['transmitted', 'uncertain'].includes(change.state);
  const line = async (reason: Reason, at: number): Promise<Html> =>
    html`<li>
      ${reason.message} ${open && may ? await questionForm(request, change, centres, reason, at) : null}
    </li>`;
  const lines = await Promise.all(all.map(line));
  const [blocking, others] = [true, false].map((blocks) =>
    lines.filter((_, at) => all[at]?.blocking === blocks),
  );
  const waiting = blocking !== undefined && blocking.length > 0;
  return html`${
    waiting
      ? html`<section class="banner drift" aria-labelledby="bloque">
          <h2 id="bloque">Ce qui empêche d’approuver</h2>
          ${may ? null : html`<p>Répondre demande le droit d’opérateur ou de valideur.</p>`}
          <ul class="questions">
            ${blocking}
          </ul>
        </section>`
      : null
  }
  ${
    others === undefined || others.length === 0
      ? null
      : html`<h2>À savoir</h2>
          <ul class="questions">
            ${others}
          </ul>`
  }`;
}

/** A supposed value of which a completion exists: it is confirmed, or another is chosen, without being asked. */
function confirmable({ elements }: StoredChange): Reason[] {
  return elements
    .filter(({ assumed, key }) => assumed && key === 'type')
    .map(({ text }) => ({
      code: 'missing',
      blocking: false,
      field: 'activityField',
      message: `Champ d’activité supposé : ${text}. Confirmez-le, ou choisissez-en un autre.`,
    }));
}
