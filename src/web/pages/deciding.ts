import { momentText } from '../../domain/time.js';
import { asksAgreement } from '../../config/schema/region.js';
import { standingAgreement } from '../../db/agreements.js';
import { authorsOf, type StoredChange } from '../../db/changes.js';
import { decisionsOf, type Decision } from '../../db/decisions.js';
import { displayNames } from '../../db/people.js';
import { STATE_WORDS, type ChangeState } from '../../domain/change.js';
import { html, type Html } from '../../domain/html.js';
import type { PersonId } from '../../domain/ids.js';
import { confirmationOf } from '../../review/confirmation.js';
import { approvedEnough } from '../../review/decide.js';
import { agreementLine } from '../../followup/agree.js';
import type { RegionRequest } from '../route.js';
import { shownFields } from './shown.js';

const APPROVABLE: readonly ChangeState[] = ['proposed', 'approved'];
/** Nobody decides any more on what was sent, or is over. */
const OVER: readonly ChangeState[] = [
  'applied',
  'rejected',
  'superseded',
  'expired',
  'transmitted',
  'uncertain',
];

function typed({ kind }: StoredChange): Html | null {
  const word = confirmationOf(kind);
  return word === null
    ? null
    : html`<label for="confirmation">Tapez ${word} pour confirmer</label>
        <input id="confirmation" name="confirmation" required pattern="${word}" autocomplete="off" />`;
}

/** Slots of the approvers, then what this person may do here, or why not, in text. */
export async function deciding(request: RegionRequest, change: StoredChange, title: string): Promise<Html> {
  const { run, region } = request;
  const authors = await authorsOf(run.db, region.code, change.id);
  const decisions = (await decisionsOf(run.db, region.code, change.id)).filter(
    (each) => each.hash === change.hash,
  );
  const names = await displayNames(run.db, [
    ...representedBy(request),
    ...authors.map((author) => author.person),
    ...decisions.flatMap(({ person, onBehalfOf }) => (onBehalfOf === null ? [person] : [person, onBehalfOf])),
  ]);
  const who = [...new Set(authors.map((author) => names.get(author.person) ?? 'personne'))];
  const decider = { region: region.code, review: run.config.review, now: run.now() };
  const enough = await approvedEnough(decider, run.db, change);
  const agreement = asksAgreement(region)
    ? agreementLine(await standingAgreement(run.db, region.code, change))
    : null;
  return html`<ol class="slots">
      <li><strong>Proposé par :</strong> ${who.join(', ') || 'les sources seules'}</li>
      ${slots(change, decisions, names)}
    </ol>
    ${agreement === null ? null : html`<p>${agreement}</p>`}
    ${forms(request, change, { authors, decisions, title, names, enough })}`;
}

function slots(
  change: StoredChange,
  decisions: readonly Decision[],
  names: ReadonlyMap<string, string>,
): Html[] {
  const approvals = decisions.filter(({ verdict }) => verdict === 'approve');
  const said = decisions.map(({ verdict, person, onBehalfOf, reason, at }) => {
    const deputy = onBehalfOf === null ? '' : `, au nom de ${names.get(onBehalfOf) ?? 'personne'}`;
    const act = verdict === 'approve' ? 'Approuvé' : 'Rejeté';
    return html`<li>
      <strong>${act} par :</strong> ${names.get(person) ?? 'personne'}${deputy}, le
      ${momentText(at)}${reason === null ? null : html` – « ${reason} »`}
    </li>`;
  });
  if (OVER.includes(change.state)) return said;
  // A deputy and the person stood in for are one voice.
  const voices = new Set(approvals.map(({ person, onBehalfOf }) => onBehalfOf ?? person)).size;
  const empty = Array.from(
    { length: Math.max(0, change.quorum - voices) },
    (_, at) => html`<li><strong>Approbation ${voices + at + 1} sur ${change.quorum} :</strong> attendue</li>`,
  );
  return [...said, ...empty];
}

/** Whose voice the person would be: of those absent whom they stand in for, when they review for nobody else. */
function representedBy({ grants }: RegionRequest): readonly PersonId[] {
  const rights = grants.filter(({ role }) => role === 'reviewer').map(({ onBehalfOf }) => onBehalfOf);
  return rights.includes(null) ? [] : rights.filter((each) => each !== null);
}

/** A deputy is told, before approving, whose voice this will be. */
function actingFor(request: RegionRequest, names: ReadonlyMap<string, string>): Html | null {
  const absent = representedBy(request);
  if (absent.length === 0) return null;
  const who = absent.map((each) => names.get(each) ?? 'personne effacée').join(' ou de ');
  return html`<p>Vous approuvez au nom de ${who} : à vous deux, une seule voix.</p>`;
}

interface Known {
  readonly authors: readonly { readonly person: string }[];
  readonly decisions: readonly Decision[];
  /** As many people approved as it takes. */
  readonly enough: boolean;
}

/** Why this person cannot approve here, in words; null when they can. */
function whyNot(
  request: RegionRequest,
  change: StoredChange,
  { authors, decisions, enough }: Known,
): string | null {
  const { person, roles } = request;
  if (!roles.has('reviewer')) return 'Approuver et rejeter demandent le droit de valideur.';
  if (!APPROVABLE.includes(change.state))
    return `Ce changement est « ${STATE_WORDS[change.state]} » : il ne s’approuve pas dans cet état.`;
  if (authors.some((author) => author.person === person.id))
    return 'Vous êtes à l’origine d’une valeur de ce changement : une autre personne doit l’approuver.';
  const mine = decisions.some((each) => each.person === person.id && each.verdict === 'approve');
  if (enough)
    return `${mine ? 'Vous avez approuvé ce changement' : 'Ce changement est approuvé'} : aucune autre approbation n’est attendue, il partira au prochain envoi.`;
  if (mine) return 'Vous avez déjà approuvé ce changement : il manque une autre personne.';
  const absent = representedBy(request);
  const others = absent.filter((each) => !authors.some((author) => author.person === each));
  if (absent.length > 0 && others.length === 0)
    return 'La personne que vous suppléez est à l’origine d’une valeur de ce changement : une autre personne doit l’approuver.';
  const voiced = new Set(
    decisions.flatMap((each) => (each.verdict === 'approve' ? [each.onBehalfOf ?? each.person] : [])),
  );
  if (absent.length > 0 && others.every((each) => voiced.has(each)))
    return 'La personne que vous suppléez a déjà approuvé ce changement : vous n’avez à vous deux qu’une voix.';
  return null;
}

function forms(
  request: RegionRequest,
  change: StoredChange,
  known: Known & { readonly title: string; readonly names: ReadonlyMap<string, string> },
): Html | null {
  const { region, token, roles } = request;
  const at = `/${region.code}/changements/${change.id}`;
  const why = whyNot(request, change, known);
  const hidden = shownFields(token, change);
  const approving =
    why === null
      ? html`<form method="post" action="${at}/approuver" class="act">
          ${hidden} ${actingFor(request, known.names)} ${typed(change)}
          <button class="primary">Approuver ${known.title}</button>
        </form>`
      : html`<p id="pourquoi">${why}</p>
          <button type="button" disabled aria-describedby="pourquoi">Approuver ${known.title}</button>`;
  const rejecting =
    OVER.includes(change.state) || !roles.has('reviewer')
      ? null
      : html`<form method="post" action="${at}/rejeter" class="act">
          ${hidden}
          <label for="raison">Raison du rejet (exemple : « site fermé en 2025 »)</label>
          <textarea id="raison" name="raison" required maxlength="2000" rows="2"></textarea>
          <button>Rejeter ${known.title}</button>
        </form>`;
  return html`${approving} ${rejecting}`;
}
