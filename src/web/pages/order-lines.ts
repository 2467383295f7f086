import { momentText } from '../../domain/time.js';
import type { OrderDraft } from '../../db/orders.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { isPlain, ORDER_FIELDS, type Proposal } from '../../runs/order-proposals.js';
import { mayAnswer, type RegionRequest } from '../route.js';
import { decideForms, fieldTitle, undoForm } from './order-forms.js';
import {
  LINE_STATE_WORDS,
  LINE_STATES,
  ORDER_PAGE,
  orderAddress,
  stateOf,
  type LineState,
  type OrderPlace,
} from './order-parts.js';
import { togetherForms } from './order-together.js';
import { alertLines, pager } from './parts.js';

type Request = RegionRequest<OrderPlace>;

/** A draft: how far its reading is, and its lines, 25 at a time, each with what may be done with it. */
export function draftLines(request: Request, draft: OrderDraft, all: readonly Proposal[]): Html {
  const { region, query } = request;
  const chosen = query.etat === 'toutes' ? all : all.filter((each) => stateOf(each) === query.etat);
  const last = Math.max(1, Math.ceil(chosen.length / ORDER_PAGE));
  const page = Math.min(query.page, last);
  const place = { ...query, page };
  const here = chosen.slice((page - 1) * ORDER_PAGE, page * ORDER_PAGE);
  const left = all.filter((each) => stateOf(each) === 'a-relire');
  const doubtful = left.filter((each) => !isPlain(each)).length;
  const address = (to: number): string => orderAddress(region.code, draft.id, { ...place, page: to });
  return html`<p><a href="/${region.code}/arretes">Tous les arrêtés lus</a></p>
    <h1>${draft.fileName} <span class="badge plain">essai</span></h1>
    <p class="lead">
      ${counted(all.length - left.length, 'ligne relue', 'lignes relues')} sur ${all.length}. Une ligne ne
      compte qu’une fois validée, au passage suivant.
    </p>
    <p>
      Campagne ${draft.campaign}, ${counted(draft.pages, 'page')}, lu le ${momentText(draft.readAt)}. Parmi
      les lignes à relire, ${counted(doubtful, 'est à regarder de près', 'sont à regarder de près')}.
    </p>
    ${pagesAside('Pages sans texte (image ou page blanche), dont rien n’est lu', draft.textless)}
    ${pagesAside('Pages sans ligne de tableau', draft.outside)} ${stateTabs(request, draft, all)}
    ${nextToReview(request, draft, all, place)}
    ${
      here.length === 0
        ? html`<p>
            Aucune ligne ${query.etat === 'toutes' ? '' : LINE_STATE_WORDS[query.etat].replace(/s$/, '')} dans
            cet arrêté.
          </p>`
        : html`<table class="stack">
            <caption>
              ${counted(chosen.length, 'ligne')}${last > 1 ? html`, ${ORDER_PAGE} par page` : null}
            </caption>
            <thead>
              <tr>
                <th scope="col">Endroit du PDF</th>
                <th scope="col">Ce qui est lu</th>
                ${mayAnswer(request) ? html`<th scope="col">Décider</th>` : null}
              </tr>
            </thead>
            <tbody>
              ${here.map((line) => lineRow(request, draft, line, place))}
            </tbody>
          </table>`
    }
    ${togetherForms(request, draft, here, place)} ${pager(page, last, address, 'l’arrêté')}`;
}

function pagesAside(what: string, pages: readonly number[]): Html | null {
  return pages.length === 0 ? null : html`<p class="muted">${what} : ${pages.join(', ')}.</p>`;
}

function stateTabs({ region, query }: Request, draft: OrderDraft, all: readonly Proposal[]): Html {
  const count = (etat: LineState): number =>
    etat === 'toutes' ? all.length : all.filter((each) => stateOf(each) === etat).length;
  return html`<nav class="tabs" aria-label="Lignes montrées">
    <ul>
      ${LINE_STATES.map(
        (etat) =>
          html`<li>
            <a
              href="${orderAddress(region.code, draft.id, { etat, page: 1 })}"
              ${query.etat === etat ? html`aria-current="page"` : null}
              >${LINE_STATE_WORDS[etat]} (${count(etat)})</a
            >
          </li>`,
      )}
    </ul>
  </nav>`;
}

/** The next page that holds lines to review, round again at the end; null where there is none but this one. */
function nextToReview(
  { region }: Request,
  draft: OrderDraft,
  all: readonly Proposal[],
  { etat, page }: OrderPlace,
): Html | null {
  if (etat !== 'toutes') return null;
  const waiting = all.flatMap((each, at) =>
    stateOf(each) === 'a-relire' ? [Math.floor(at / ORDER_PAGE) + 1] : [],
  );
  const next = waiting.find((each) => each > page) ?? waiting.find((each) => each < page);
  if (next === undefined) return null;
  const count = waiting.filter((each) => each === next).length;
  return html`<p>
    <a href="${orderAddress(region.code, draft.id, { etat, page: next })}"
      >Aller ${count === 1 ? 'à la ligne suivante' : `aux ${String(count)} lignes suivantes`} à relire</a
    >
  </p>`;
}

function lineRow(request: Request, draft: OrderDraft, line: Proposal, place: OrderPlace): Html {
  const { row, cells, doubts, faults } = line;
  const shown = Object.values(ORDER_FIELDS).filter(
    (column) => (cells[column] ?? '') !== '' && (column !== 'campaign' || cells.campaign !== draft.campaign),
  );
  return html`<tr id="ligne-${row.line}">
    <th scope="row">page ${row.page}, ligne ${row.line} ${lineBadge(line)}</th>
    <td data-label="Ce qui est lu">
      ${
        shown.length === 0
          ? html`<p>Rien de reconnu.</p>`
          : html`<dl>
              ${shown.map(
                (column) =>
                  html`<dt>${fieldTitle(column)}</dt>
                    <dd>
                      ${cells[column] ?? ''}${
                        row.decided?.corrections[column] === undefined
                          ? null
                          : html` <span class="tag">corrigé</span>`
                      }
                    </dd>`,
              )}
            </dl>`
      }
      ${row.other === '' ? null : html`<p>Autre texte : ${row.other}</p>`}
      ${
        doubts.length === 0
          ? null
          : html`<ul>
              ${doubts.map((doubt) => html`<li>${doubt}</li>`)}
            </ul>`
      }
      ${row.decided === null && faults.length > 0 ? alertLines(faults) : null} ${decisionText(row)}
    </td>
    ${
      mayAnswer(request)
        ? html`<td data-label="Décider">
            ${row.decided === null ? decideForms(request, draft, line, place) : undoForm(request, draft, row, place)}
          </td>`
        : null
    }
  </tr>`;
}

function lineBadge(line: Proposal): Html {
  const state = stateOf(line);
  if (state === 'validees') return html`<span class="badge add">validée</span>`;
  if (state === 'ecartees') return html`<span class="badge remove">écartée</span>`;
  return isPlain(line)
    ? html`<span class="badge act">à relire</span>`
    : html`<span class="badge alert"><span aria-hidden="true">!</span> à relire de près</span>`;
}

function decisionText({ decided }: Proposal['row']): Html | null {
  if (decided === null) return null;
  const many = Object.keys(decided.corrections).length;
  return html`<p class="small">
    ${
      decided.kind === 'discard'
        ? html`Écartée le ${momentText(decided.at)}, raison : ${decided.reason ?? ''}`
        : html`Validée le
          ${momentText(decided.at)}${many === 0 ? null : `, avec ${counted(many, 'correction')}`}`
    }
  </p>`;
}
