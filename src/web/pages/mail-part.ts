import { momentText } from '../../domain/time.js';
import { lastMessages, mailState } from '../../db/mail-messages.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import type { RegionRequest } from '../route.js';

/** Messages looked at to say how mail goes. */
const LOOKED_AT = 50;

/** Whether mail goes: off, held up, or when the last one left. No address, no text of a message. */
export async function mailPart({ run, region }: RegionRequest): Promise<Html> {
  const { server, regions } = run.config.mail;
  if (server === null || regions[region.code] === undefined)
    return html`<h2>Courrier</h2>
      <p>Le courrier est éteint pour cette région : mail.yaml ne nomme ni serveur ni destinataire.</p>`;
  const state = await mailState(run.db, region.code);
  const messages = await lastMessages(run.db, region.code, LOOKED_AT);
  const last = messages.find((message) => message.state === 'sent');
  const waiting = messages.filter((message) => message.state === 'pending').length;
  const lost = messages.filter((message) => message.state === 'abandoned').length;
  return html`<h2>Courrier</h2>
    <p>
      ${last?.endedAt ? `Dernier courriel envoyé le ${momentText(last.endedAt)}.` : 'Aucun courriel envoyé encore.'}
      ${waiting === 0 ? null : `${counted(waiting, 'courriel')} en attente.`}
      ${lost === 0 ? null : `${counted(lost, 'courriel abandonné', 'courriels abandonnés')} parmi les derniers : personne ne les a pris.`}
    </p>
    ${
      state?.retryAt
        ? html`<p>
            <strong>Le serveur de courrier ne prend rien</strong> (${counted(state.failures, 'essai')}) ; le
            suivant : ${momentText(state.retryAt)}. <strong>Que faire :</strong> « filror mail test --to
            ADRESSE » dit pourquoi. Rien n’est perdu.
          </p>`
        : null
    }`;
}
