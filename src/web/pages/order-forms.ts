import type { OrderDraft } from '../../db/orders.js';
import { html, type Html } from '../../domain/html.js';
import { isPlain, ORDER_FIELDS, type Proposal } from '../../runs/order-proposals.js';
import { CENTRE_COLUMNS, type CentreColumn } from '../../sources/labelled-centres/schema.js';
import type { RegionRequest } from '../route.js';
import type { OrderPlace } from './order-parts.js';

type Request = Pick<RegionRequest, 'region' | 'token'>;

/** A field of a line as the pages call it. */
export const fieldTitle = (column: CentreColumn): string => CENTRE_COLUMNS[column].title;

function actOf(
  { region, token }: Request,
  draft: OrderDraft,
  { line }: Proposal['row'],
  { etat, page }: OrderPlace,
  verb: string,
  content: Html,
): Html {
  return html`<form
    class="act wide"
    method="post"
    action="/${region.code}/arretes/${draft.id}/${line}/${verb}"
  >
    ${token}<input type="hidden" name="etat" value="${etat}" /><input
      type="hidden"
      name="page"
      value="${page}"
    />
    ${content}
  </form>`;
}

/** Its fields are at hand where something is doubtful, behind one word elsewhere; they are sent either way. */
export function decideForms(request: Request, draft: OrderDraft, line: Proposal, place: OrderPlace): Html {
  const { row, cells } = line;
  const named = html`<span class="hidden"> la ligne ${row.line}</span>`;
  const fields = Object.entries(ORDER_FIELDS).map(([name, column]) => {
    const id = `${name}-${String(row.line)}`;
    return html`<div>
      <label for="${id}">${fieldTitle(column)}</label>
      <input id="${id}" name="${name}" value="${cells[column] ?? ''}" autocomplete="off" />
    </div>`;
  });
  return html`${actOf(
    request,
    draft,
    row,
    place,
    'valider',
    html`<details ${isPlain(line) ? null : html`open`}>
        <summary>Corriger${named}</summary>
        <fieldset>
          <legend>Champs de la ligne ${row.line}</legend>
          <div class="filters">${fields}</div>
        </fieldset>
      </details>
      <button class="primary">Valider${named}</button>`,
  )}
  ${actOf(
    request,
    draft,
    row,
    place,
    'ecarter',
    html`<label for="raison-${row.line}">Raison d’écarter la ligne ${row.line}</label>
      <input id="raison-${row.line}" name="raison" maxlength="500" autocomplete="off" required />
      <button>Écarter${named}</button>`,
  )}`;
}

export function undoForm(request: Request, draft: OrderDraft, row: Proposal['row'], place: OrderPlace): Html {
  return actOf(
    request,
    draft,
    row,
    place,
    'reprendre',
    html`<button>Reprendre<span class="hidden"> la ligne ${row.line}</span></button>`,
  );
}
