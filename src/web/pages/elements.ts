import type { StoredChange } from '../../db/changes.js';
import type { ElementChange, Provenance } from '../../domain/change.js';
import { html, type Html } from '../../domain/html.js';
import { isJsonObject, type Json } from '../../domain/json.js';
import { locatorText } from '../../domain/locator.js';
import { frenchDay } from '../../domain/time.js';
import type { CodeSystemConfig } from '../../config/schema/codes.js';
import { CodeBook } from '../../ror/codes.js';
import { describe } from '../../ror/describe.js';
import { ruleText } from '../../ror/rule-words.js';
import { termOf, termRank } from '../../ror/terms.js';

const KIND_TEXT = { source: 'source', decision: 'décision de' } as const;

/** What stood in the ROR: a column under this heading, or none where the page says otherwise that nothing stood there. */
export type BeforeColumn = { readonly shown: true; readonly heading: string } | { readonly shown: false };

const BEFORE_TODAY: BeforeColumn = { shown: true, heading: 'Dans le ROR aujourd’hui' };

/** Nothing stood in the ROR for any of these elements, which a column would say once for each. */
export function allNew({ elements }: Pick<StoredChange, 'elements'>): boolean {
  return elements.every(({ before, conflict }) => !conflict && (before === undefined || before === null));
}

/**
 * Elements in the order of the ROR's own screen: what stands there, what is wanted, where it comes from; what filror had
 * read back before them, in a column of its own, where somebody else changed it since.
 */
export function elementRows(
  change: Pick<StoredChange, 'elements'>,
  systems: readonly CodeSystemConfig[],
  caption: string,
  column: BeforeColumn = BEFORE_TODAY,
): Html {
  const codes = new CodeBook(systems);
  const before = column.shown ? column.heading : null;
  const elements = [...change.elements].sort((a, b) => termRank(a.key) - termRank(b.key));
  const three = elements.some(({ conflict }) => conflict);
  return html`<table class="stack elements">
    <caption>
      Éléments de ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">Élément</th>
        ${three ? html`<th scope="col">Ce que filror avait relu</th>` : null}
        ${before === null ? null : html`<th scope="col">${before}</th>`}
        <th scope="col">Proposé</th>
        <th scope="col">D’où vient la valeur</th>
      </tr>
    </thead>
    <tbody>
      ${elements.map((element) => row(element, codes, before, three))}
    </tbody>
  </table>`;
}

function row(element: ElementChange, codes: CodeBook, before: string | null, three: boolean): Html {
  const { sign, word, tone } = signOf(element);
  return html`<tr>
    <th scope="row">
      <span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>
      ${termOf(element.key)} ${element.assumed ? html`<span class="tag">supposé, à confirmer</span>` : null}
      ${element.channel === 'served' ? html`<span class="tag">servi, non envoyé au ROR</span>` : null}
    </th>
    ${three ? html`<td data-label="Ce que filror avait relu">${shown(element.base, codes)}</td>` : null}
    ${before === null ? null : html`<td data-label="${before}">${stood(element, codes)}</td>`}
    <td data-label="Proposé">
      ${
        element.after === undefined
          ? html`rien (retiré)`
          : html`<ins><span class="hidden">nouveau : </span>${proposed(element, codes)}</ins>`
      }
    </td>
    <td data-label="D’où vient la valeur" class="small">${element.provenance.map(provenance)}</td>
  </tr>`;
}

function stood({ conflict, operation, before }: ElementChange, codes: CodeBook): Html {
  return !conflict && (operation === 'delete' || operation === 'replace')
    ? html`<del><span class="hidden">ancien : </span>${shown(before, codes)}</del>`
    : shown(before, codes);
}

function signOf(element: ElementChange): { sign: string; word: string; tone: string } {
  if (element.conflict) return { sign: '!', word: 'conflit', tone: 'alert' };
  if (element.operation === 'add') return { sign: '+', word: 'ajout', tone: 'add' };
  if (element.operation === 'delete') return { sign: '−', word: 'retrait', tone: 'remove' };
  return { sign: '~', word: 'modification', tone: 'edit' };
}

/** The address of a resource says nothing to a person: what it stands for does, where the plan named it. */
function proposed({ after, text }: ElementChange, codes: CodeBook): Html {
  const address = isJsonObject(after) && typeof after['reference'] === 'string' ? after['reference'] : null;
  if (address === null || text === '' || text === address) return shown(after, codes);
  return html`<div>${text}</div>`;
}

/** A value in words, a line for each of its parts. */
export function shown(value: Json | undefined, codes: CodeBook): Html {
  if (value === undefined || value === null) return html`<span class="muted">rien</span>`;
  const { lines } = describe(value, codes);
  return html`${lines.map((line) => html`<div>${line}</div>`)}`;
}

/** Source, place in it, date: enough to open the file and see. */
export function provenance({ kind, origin, locator, date }: Provenance): Html {
  const parts = [
    kind === 'rule' ? `règle « ${ruleText(origin)} »` : `${KIND_TEXT[kind]} ${origin}`,
    locator === undefined ? null : locatorText(locator),
    date === undefined ? null : frenchDay(date),
  ];
  return html`<div>${parts.filter((part) => part !== null).join(', ')}</div>`;
}
