import { answersOf } from '../../db/answers.js';
import type { StoredChange } from '../../db/changes.js';
import { displayNames } from '../../db/people.js';
import { html, type Html } from '../../domain/html.js';
import { frenchDay, momentText } from '../../domain/time.js';
import { mayAnswer, type RegionRequest } from '../route.js';

/** Why a label is withdrawn or an offer closed, on what proof and from when: read before the word is typed. */
export async function departure(request: RegionRequest, change: StoredChange): Promise<Html | null> {
  const { run, region } = request;
  if (change.kind !== 'withdraw' && change.kind !== 'close') return null;
  const said = (await answersOf(run.db, region.code)).filter(
    ({ kind, subject, body }) =>
      change.centres.some((centre) => centre === subject) &&
      (kind === 'withdraw' || kind === 'close' || (kind === 'complete' && body['field'] === 'proof')),
  );
  const last = change.centres.flatMap((centre) => said.findLast(({ subject }) => subject === centre) ?? []);
  const names = await displayNames(
    run.db,
    last.map(({ author }) => author),
  );
  return html`<section class="banner drift" aria-labelledby="depart">
    <h2 id="depart">
      ${change.kind === 'close' ? 'Fermeture d’une offre' : 'Retrait d’un label'} : deux personnes approuvent
    </h2>
    ${
      last.length === 0
        ? html`<p>Personne ne l’a déclaré : la raison est celle du passage, dite plus bas.</p>`
        : null
    }
    ${last.map(
      ({ kind, body, author, at }) =>
        html`<dl>
          <dt>Raison</dt>
          <dd>
            ${kind === 'close' ? 'fermeture déclarée' : kind === 'withdraw' ? 'perte du label déclarée' : 'absent de la dernière liste'}
          </dd>
          <dt>Preuve</dt>
          <dd>${String(body['proof'] ?? body['value'] ?? '')}</dd>
          <dt>Date d’effet</dt>
          <dd>
            ${typeof body['date'] === 'string' ? frenchDay(body['date']) : 'celle de la liste, dite plus bas'}
          </dd>
          <dt>Déclaré par</dt>
          <dd>${names.get(author) ?? 'personne'}, le ${momentText(at)}</dd>
        </dl>`,
    )}
    ${
      mayAnswer(request)
        ? html`<p>
            Si c’est une erreur,
            <a href="/${region.code}/declarer?centre=${change.centres[0] ?? ''}&amp;genre=reopen"
              >déclarez le retour de ce centre</a
            >.
          </p>`
        : null
    }
  </section>`;
}
