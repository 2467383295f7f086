import {
  CHANGE_KINDS,
  CHANGE_STATES,
  KIND_WORDS,
  STATE_WORDS,
  type ChangeKind,
} from '../../domain/change.js';
import { html, type Html } from '../../domain/html.js';
import { remembered } from '../../domain/remembered.js';
import type { Rule } from './filters.js';
import type { Centres } from './parts.js';

/** One line of a list of choices; `now` is the one that stands. */
export function choice(value: string, text: string, now: string): Html {
  return html`<option value="${value}" ${value === now ? html`selected` : null}>${text}</option>`;
}

const filieresOf = remembered((centres: Centres) =>
  [...new Set(Object.values(centres).map((centre) => centre.filiere))].sort(),
);

export function stateField(now: Rule['etat']): Html {
  return html`<div>
    <label for="etat">État</label>
    <select id="etat" name="etat">
      ${choice('', 'tous les états ouverts', now)} ${choice('asked', 'à compléter ou à éclaircir', now)}
      ${CHANGE_STATES.map((state) => choice(state, STATE_WORDS[state], now))}
    </select>
  </div>`;
}

export function wordsField(now: string): Html {
  return html`<div>
    <label for="cherche">Chercher (centre, hôpital, ville, FINESS, offre)</label>
    <input id="cherche" name="cherche" type="search" value="${now}" maxlength="200" />
  </div>`;
}

/** The two fields by which changes are told apart everywhere: kind and filière. */
export function kindAndFiliere(
  now: { readonly genre: ChangeKind | ''; readonly filiere: string },
  centres: Centres,
): Html {
  return html`<div>
      <label for="genre">Genre</label>
      <select id="genre" name="genre">
        ${choice('', 'tous', now.genre)}
        ${CHANGE_KINDS.map((kind) => choice(kind, KIND_WORDS[kind].word, now.genre))}
      </select>
    </div>
    <div>
      <label for="filiere">Filière</label>
      <select id="filiere" name="filiere">
        ${choice('', 'toutes', now.filiere)}
        ${filieresOf(centres).map((each) => choice(each, each, now.filiere))}
      </select>
    </div>`;
}
