import { momentText } from '../../domain/time.js';
import { z } from 'zod';
import type { StoredChange } from '../../db/changes.js';
import { displayNames } from '../../db/people.js';
import { html, type Html } from '../../domain/html.js';
import { answer } from '../../runs/act.js';
import { ANSWER_WORDS, answerText } from '../../runs/answer-words.js';
import { recalculateNow } from '../../runs/follow-now.js';
import { answersAbout, isUndoable, undoAnswerAnswer, undoChangeAnswer } from '../../runs/undo.js';
import { ANSWERERS, mayAnswer, route, type Answer, type RegionRequest } from '../route.js';
import { oneChange } from './find.js';
import { titleOf, type Centres } from './parts.js';
import { shownFields, shownHash } from './shown.js';

const reason = z.string().max(2000);

/** Takes back what an applied change wrote; what is proposed instead is shown next. */
export const undoChange = route({
  method: 'POST',
  path: '/changements/:change/annuler',
  roles: ANSWERERS,
  form: z.object({ raison: reason }),
  handle: async (request) => {
    const { run, form } = request;
    const change = await oneChange(request);
    const { changes } = await answer(run, [await undoChangeAnswer(run, change, form.raison)]);
    const inverse = changes.find((each) => each.target === change.target);
    if (change.state === 'rejected')
      return next(
        request,
        inverse,
        inverse === undefined
          ? 'Rejet repris : les sources ne proposent plus rien pour cette offre.'
          : 'Rejet repris : voici ce que les sources proposent aujourd’hui.',
      );
    return next(
      request,
      inverse,
      inverse === undefined
        ? 'Annulation enregistrée : le ROR dit déjà ce qu’il disait avant, rien n’est proposé.'
        : 'Annulation demandée : voici le changement inverse. Vous en êtes l’auteur, d’autres personnes approuveront.',
    );
  },
});

/** Takes one answer back: its question is asked again. */
export const undoAnswer = route({
  method: 'POST',
  path: '/changements/:change/reprendre',
  roles: ANSWERERS,
  form: z.object({ empreinte: shownHash, reponse: z.coerce.number().int().positive(), raison: reason }),
  handle: async (request) => {
    const { run, form } = request;
    const change = await oneChange(request);
    const given = await undoAnswerAnswer(run, change, form.reponse, form.raison);
    const open = change.closedAt === null ? { id: change.id, hash: form.empreinte } : undefined;
    const { changes } = await answer(run, [given], open);
    const about = changes.find((each) => each.centres.some((id) => change.centres.includes(id)));
    return next(request, about, 'Réponse reprise : le plan a été recalculé sans elle.');
  },
});

/** The repository read again, and the plan made anew: what a stale plan needs. */
export const recalculate = route({
  method: 'POST',
  path: '/changements/recalculer',
  roles: ANSWERERS,
  handle: async ({ run, region }) => {
    const { report } = await recalculateNow(run);
    return {
      kind: 'seeOther',
      to: `/${region.code}/changements`,
      notice: `Plan recalculé. ${report.summary}`,
    };
  },
});

function next(
  { region }: RegionRequest<unknown, unknown>,
  to: StoredChange | undefined,
  notice: string,
): Answer {
  const at = `/${region.code}/changements`;
  return { kind: 'seeOther', to: to === undefined ? at : `${at}/${to.id}`, notice };
}

export function recalculateForm(request: RegionRequest<unknown>): Html | null {
  if (!mayAnswer(request)) return null;
  return html`<form method="post" action="/${request.region.code}/changements/recalculer" class="act">
    ${request.token}<button>Recalculer : relire le ROR et refaire le plan</button>
  </form>`;
}

/** What was answered here, each with its undoing; and the undoing of what was written. */
export async function undoing(
  request: RegionRequest,
  change: StoredChange,
  centres: Centres,
): Promise<Html | null> {
  const { run, region, token } = request;
  const may = mayAnswer(request);
  const given = await answersAbout(run, change);
  const names = await displayNames(
    run.db,
    given.map(({ author }) => author),
  );
  const at = `/${region.code}/changements/${change.id}`;
  const title = titleOf(change, centres);
  const answers =
    given.length === 0
      ? null
      : html`<h2>Réponses données</h2>
          <ul class="questions">
            ${given.map((each) => {
              const what = `${ANSWER_WORDS[each.kind]}${answerText(each)}`;
              return html`<li>
                ${what} – ${names.get(each.author) ?? 'personne effacée'}, le ${momentText(each.at)}
                ${
                  may
                    ? html`<form method="post" action="${at}/reprendre" class="act">
                        ${shownFields(token, change)}
                        <input type="hidden" name="reponse" value="${each.no}" />
                        <label for="raison-${each.no}"
                          >Raison (exemple : « réponse donnée pour un autre site »)</label
                        >
                        <input id="raison-${each.no}" name="raison" required maxlength="2000" />
                        <button>Reprendre cette réponse <span class="hidden">(${what})</span></button>
                      </form>`
                    : null
                }
              </li>`;
            })}
          </ul>`;
  const written =
    !isUndoable(change) || !may
      ? null
      : change.state === 'rejected'
        ? html`<h2>Reprendre le rejet</h2>
            <form method="post" action="${at}/annuler" class="act">
              ${token}
              <p>
                Les valeurs rejetées ne seront plus retenues comme telles : si les sources les disent encore,
                elles sont proposées de nouveau.
              </p>
              <label for="raison-annuler">Raison (exemple : « rejeté par erreur »)</label>
              <textarea id="raison-annuler" name="raison" required maxlength="2000" rows="2"></textarea>
              <button>Reprendre le rejet de ${title}</button>
            </form>`
        : html`<h2>Annuler ce qui a été écrit</h2>
            <form method="post" action="${at}/annuler" class="act">
              ${token}
              <p>
                filror proposera le changement inverse, là où ce qu’il a écrit est encore en place ; d’autres
                personnes l’approuveront.
              </p>
              <label for="raison-annuler">Raison (exemple : « le numéro vient d’un brouillon »)</label>
              <textarea id="raison-annuler" name="raison" required maxlength="2000" rows="2"></textarea>
              <button>Annuler ${title}</button>
            </form>`;
  return answers === null && written === null ? null : html`${answers} ${written}`;
}
