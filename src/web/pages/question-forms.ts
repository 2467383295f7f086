import type { StoredChange } from '../../db/changes.js';
import { PUBLICS } from '../../domain/centre.js';
import type { Reason } from '../../domain/change.js';
import { html, type Html } from '../../domain/html.js';
import { CodeBook } from '../../ror/codes.js';
import { COMPLETABLE } from '../../runs/complete.js';
import { knownSites } from '../../runs/known-sites.js';
import type { RegionRequest } from '../route.js';
import { choicesField, type Choice } from './choices.js';
import { titleOf, type Centres } from './parts.js';
import { shownFields } from './shown.js';

/** Values of the last choice of two questions; no offer and no centre is called so. */
export const NEW_OFFER = 'nouvelle';
export const DIFFERENT = 'differents';

/** The form that answers one reason; null for a reason that nobody answers on this page. */
export async function questionForm(
  request: RegionRequest,
  change: StoredChange,
  centres: Centres,
  reason: Reason,
  at: number,
): Promise<Html | null> {
  const id = `q${String(at)}`;
  const made = (question: string, fields: Html, button: string): Html =>
    html`<form method="post" action="/${request.region.code}/changements/${change.id}/repondre" class="act">
      ${shownFields(request.token, change)}
      <input type="hidden" name="question" value="${question}" />
      ${centreField(change, centres, id)} ${fields}
      <button>${button}</button>
    </form>`;
  const candidates = reason.candidates ?? [];
  const title = titleOf(change, centres);
  switch (reason.code) {
    case 'attachOrCreate':
      return made(
        'rattacher',
        radios(id, 'Rattacher ou créer ?', [
          ...candidates.map(({ value, label }) => ({ value, label: `Rattacher à ${value} : ${label}` })),
          { value: NEW_OFFER, label: 'Créer une offre nouvelle' },
        ]),
        `Répondre pour ${title}`,
      );
    case 'continuity':
    case 'twin':
      return made(
        'continuite',
        radios(id, 'Est-ce le même centre ?', [
          ...candidates.map(({ value, label }) => ({ value, label: `Oui, le même que ${label}` })),
          { value: DIFFERENT, label: 'Non, ce sont des centres différents' },
        ]),
        `Répondre pour ${title}`,
      );
    case 'labelToReconfirm': {
      const now = String(request.run.config.review.currentCampaign);
      return made(
        'completer',
        html`<input type="hidden" name="champ" value="campagne" />
          ${text(id, 'reponse', 'Campagne que la preuve atteste (année)', now)}
          ${proof(id, 'Preuve : acte, date, page (exemple : « BO Santé du 29/12/2023, page 122 »)')}`,
        `Reconfirmer le label de ${title}`,
      );
    }
    case 'proof':
      return change.kind === 'withdraw' || change.kind === 'close'
        ? made(
            'completer',
            html`<input type="hidden" name="champ" value="preuve" />
              ${text(id, 'reponse', 'Preuve du retrait : acte, date, page', '')}`,
            `Donner la preuve pour ${title}`,
          )
        : html`<p>
            <a href="/${request.region.code}/declarer?genre=reopen&amp;centre=${change.centres[0] ?? ''}"
              >Déclarer le retour de ${title}, avec sa preuve</a
            >
          </p>`;
    case 'missing':
    case 'establishment':
      return await completion(request, reason, id, (fields, what) =>
        made('completer', fields, `${what} ${title}`),
      );
    case 'oneCentreTwoSites':
    case 'levelClash':
    case 'codeRetired':
    case 'providerAbsent':
    case 'duplicateOffer':
    case 'duplicateProvider':
    case 'invalid':
    case 'drift':
    case 'note':
      return null;
  }
}

/** What completes a field: a choice where the answers are few, a text otherwise; null for a field nobody completes. */
async function completion(
  request: RegionRequest,
  reason: Reason,
  id: string,
  made: (fields: Html, what: string) => Html,
): Promise<Html | null> {
  const [name, known] = Object.entries(COMPLETABLE).find(([, { field }]) => field === reason.field) ?? [];
  if (name === undefined || known === undefined || reason.field === 'proof') return null;
  const champ = html`<input type="hidden" name="champ" value="${name}" />`;
  const candidates = reason.candidates ?? [];
  switch (reason.field) {
    case 'public':
      return made(html`${champ} ${radios(id, 'Public reçu', PUBLICS.map(asChoice))}`, 'Dire le public de');
    case 'families':
      return candidates.length === 0
        ? made(html`${champ} ${text(id, 'reponse', `Familles de maladies : ${known.expects}`, '')}`, FAMILIES)
        : made(html`${champ} ${radios(id, 'Familles de maladies', candidates, 'checkbox')}`, FAMILIES);
    case 'activityField': {
      const codes = new CodeBook(request.run.config.codes).active('TRE_R227');
      const options = codes.map(({ code, display }) => ({ value: code, label: `${code} ${display}` }));
      return made(
        html`${champ} ${radios(id, 'Champ d’activité', options)}`,
        'Choisir le champ d’activité de',
      );
    }
    case undefined:
    default: {
      const sites = await knownSites(
        request.run,
        candidates.map(({ value }) => value),
      );
      // A candidate may be a legal entity: it has no single site, and is chosen at the page of recognitions.
      const choices = candidates.filter(({ value }) => sites.some(({ eg }) => eg === value));
      const hint =
        reason.code === 'establishment'
          ? html`<p>
              Choisir pour toutes les lignes écrites ainsi :
              <a href="/${request.region.code}/rapprochements">page Rapprochements</a>.
            </p>`
          : null;
      const chosen =
        choices.length === 0
          ? null
          : made(
              html`${champ}
              ${radios(
                id,
                'Site',
                choices.map(({ value, label }) => ({ value, label: `${label} (FINESS ${value})` })),
              )}`,
              'Choisir le site de',
            );
      const written = made(
        html`<input type="hidden" name="champ" value="etablissement" />
          ${text(`${id}n`, 'reponse', 'Un autre site : son numéro FINESS (9 caractères)', '')}`,
        'Donner ce numéro pour',
      );
      return html`${hint} ${chosen} ${written}`;
    }
  }
}

const FAMILIES = 'Choisir les familles de';
const asChoice = (value: string): Choice => ({ value, label: value });

function radios(
  id: string,
  legend: string,
  choices: readonly Choice[],
  type: 'radio' | 'checkbox' = 'radio',
): Html {
  return choicesField({ id, name: 'reponse', legend, choices, type });
}

function text(id: string, name: string, label: string, value: string): Html {
  return html`<label for="${id}-${name}">${label}</label>
    <input id="${id}-${name}" name="${name}" value="${value}" required maxlength="500" />`;
}

function proof(id: string, label: string): Html {
  return html`<label for="${id}-preuve">${label}</label>
    <textarea id="${id}-preuve" name="preuve" required maxlength="2000" rows="2"></textarea>`;
}

/** Several centres may share an offer: a reason does not say of which it is, the person does. */
function centreField(change: StoredChange, centres: Centres, id: string): Html {
  const [only, ...others] = change.centres;
  if (others.length === 0) return html`<input type="hidden" name="centre" value="${only ?? ''}" />`;
  return html`<label for="${id}-centre">Centre dont il s’agit</label>
    <select id="${id}-centre" name="centre" required>
      ${change.centres.map(
        (each) => html`<option value="${each}">${titleOf({ centres: [each] }, centres)}</option>`,
      )}
    </select>`;
}
