import type { OrderDraft } from '../../db/orders.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { isPlain, type Proposal } from '../../runs/order-proposals.js';
import { rangeText } from '../../runs/order-together.js';
import { mayAnswer, type RegionRequest } from '../route.js';
import { stateOf, type OrderPlace } from './order-parts.js';

/**
 * One act per page of the PDF for the sure lines that are shown of it, and one to take such an act back. Each form names its
 * lines: what was not on the screen is never decided.
 * @returns null where nothing is decided together
 */
export function togetherForms(
  request: RegionRequest,
  draft: OrderDraft,
  shown: readonly Proposal[],
  place: OrderPlace,
): Html | null {
  if (!mayAnswer(request)) return null;
  const sure = severalBy(
    shown.filter((line) => stateOf(line) === 'a-relire' && isPlain(line)),
    ({ row }) => String(row.page),
  );
  const acts = severalBy(
    shown.filter((line) => stateOf(line) === 'validees'),
    ({ row: { page, decided } }) =>
      `${String(page)} ${decided?.person ?? ''} ${String(decided?.at.getTime() ?? 0)}`,
  );
  if (sure.length + acts.length === 0) return null;
  return html`<h2 id="ensemble">Décider ensemble, page par page</h2>
    <p>
      Les lignes non douteuses d’une page du PDF se valident en une fois, quand vous les avez comparées à
      cette page. Une ligne à relire de près se décide seule.
    </p>
    ${sure.map((lines) =>
      form(
        request,
        draft,
        place,
        'valider',
        lines,
        html`<button class="primary">
          Valider ensemble ${counted(lines.length, 'ligne sûre', 'lignes sûres')} de la page ${pageOf(lines)}
          du PDF (${named(lines)})
        </button>`,
      ),
    )}
    ${acts.map((lines) =>
      form(
        request,
        draft,
        place,
        'reprendre',
        lines,
        html`<button>
          Reprendre ${counted(lines.length, 'ligne validée', 'lignes validées')} ensemble, page
          ${pageOf(lines)} du PDF (${named(lines)})
        </button>`,
      ),
    )}`;
}

function form(
  { region, token }: Pick<RegionRequest, 'region' | 'token'>,
  draft: OrderDraft,
  { etat, page }: OrderPlace,
  verb: string,
  lines: readonly Proposal[],
  button: Html,
): Html {
  return html`<form class="act" method="post" action="/${region.code}/arretes/${draft.id}/${verb}">
    ${token}<input type="hidden" name="etat" value="${etat}" /><input
      type="hidden"
      name="page"
      value="${page}"
    /><input type="hidden" name="lignes" value="${lines.map(({ row }) => row.line).join(',')}" />
    <div>${button}</div>
  </form>`;
}

const pageOf = (lines: readonly Proposal[]): number => lines[0]?.row.page ?? 0;
const named = (lines: readonly Proposal[]): string => rangeText(lines.map(({ row }) => row.line));

/** Lines of one key, in their order; one alone is decided in its own row. */
function severalBy(lines: readonly Proposal[], keyOf: (line: Proposal) => string): readonly Proposal[][] {
  const groups = new Map<string, Proposal[]>();
  for (const line of lines) groups.set(keyOf(line), [...(groups.get(keyOf(line)) ?? []), line]);
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** The lines that such a form names; what is no number names none. */
export function linesNamed(text: string): readonly number[] {
  return text.split(',').flatMap((each) => (/^[1-9][0-9]{0,6}$/.test(each) ? [Number(each)] : []));
}
