import type { StoredChange } from '../../db/changes.js';
import type { CodeSystemConfig } from '../../config/schema/codes.js';
import { STATE_WORDS } from '../../domain/change.js';
import { html, type Html } from '../../domain/html.js';
import { agreementLine } from '../../followup/agree.js';
import { DOCUMENT_BYTES, signedDocument, type SignedDocument } from '../../followup/signed-document.js';
import type { AskedAgreement } from '../../runs/agreements-asked.js';
import type { UploadedFile, UploadRule } from '../upload.js';
import { elementRows } from './elements.js';
import { identity, kindBadge, titleOf, type Centres } from './parts.js';

/** What a hospital is shown of a change: who decided what inside the platform is told by role only (rule 9). */
export function shownOutside(
  change: StoredChange,
  centres: Centres,
  codes: readonly CodeSystemConfig[],
): Html {
  const elements = change.elements.map((element) => ({
    ...element,
    provenance: element.provenance.map((each) =>
      each.kind === 'decision' ? { ...each, origin: 'une personne habilitée' } : each,
    ),
  }));
  return html`<p>${kindBadge(change.kind)}</p>
    ${identity(change, centres)} ${elementRows({ elements }, codes, titleOf(change, centres))}`;
}

/** "accord donné", "accord refusé", "attendu" with a sign. */
export function answerBadge({ standing }: Pick<AskedAgreement, 'standing'>): Html {
  if (standing === null)
    return html`<span class="badge act"><span aria-hidden="true">…</span> accord attendu</span>`;
  return standing.verdict === 'agree'
    ? html`<span class="badge add"><span aria-hidden="true">=</span> accord donné</span>`
    : html`<span class="badge remove"><span aria-hidden="true">−</span> accord refusé</span>`;
}

/** Where the change stands besides: an agreement replaces no approval. */
export function standingText({ change, standing }: AskedAgreement): Html {
  return html`<p>${agreementLine(standing)}</p>
    <p class="muted">
      Côté PEMR : ${STATE_WORDS[change.state]}. L’accord ne remplace pas l’approbation, et vaut pour la forme
      montrée ici seulement.
    </p>`;
}

/** The file that an answer may carry; its form is `multipart/form-data`. */
export const DOCUMENT: UploadRule = { field: 'document', maxBytes: DOCUMENT_BYTES };

export function documentOf(file: UploadedFile | null): SignedDocument | null {
  return file === null ? null : signedDocument(file);
}

/** Fields by which an establishment answers; ids are told apart by `at`. */
export function answerFields(at: string): Html {
  return html`<label for="par-${at}">Vous répondez en tant que (fonction et établissement, sans nom)</label>
    <input
      id="par-${at}"
      name="par"
      required
      maxlength="200"
      size="40"
      aria-describedby="par-${at}-exemple"
    />
    <p id="par-${at}-exemple" class="muted small">Exemple : « référent ROR, CHU de Rouen »</p>
    <label for="reference-${at}">Référence d’un document signé, s’il y en a un</label>
    <input id="reference-${at}" name="reference" maxlength="200" size="40" />
    <label for="document-${at}">Document signé à joindre (PDF, 5 Mio au plus), s’il y en a un</label>
    <input id="document-${at}" name="document" type="file" accept="application/pdf" />`;
}

export function reasonField(at: string, text: string): Html {
  return html`<label for="raison-${at}">${text}</label>
    <textarea id="raison-${at}" name="raison" required maxlength="2000" rows="2"></textarea>`;
}
