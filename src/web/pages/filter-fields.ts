import { CHANGE_KINDS, KIND_WORDS, type ChangeKind } from '../../domain/change.js';
import { html, type Html } from '../../domain/html.js';
import { remembered } from '../../domain/remembered.js';
import type { Centres } from './parts.js';

/** One line of a list of choices; `now` is the one that stands. */
export function choice(value: string, text: string, now: string): Html {
  return html`<option value="${value}" ${value === now ? html`selected` : null}>${text}</option>`;
}

const filieresOf = remembered((centres: Centres) =>
  [...new Set(Object.values(centres).map((centre) => centre.filiere))].sort(),
);

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
