import { html, type Html } from '../../domain/html.js';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** One question with its choices; of radio buttons one must be taken, of boxes any. */
export function choicesField(field: {
  readonly id: string;
  readonly name: string;
  readonly legend: string;
  readonly choices: readonly Choice[];
  readonly type?: 'radio' | 'checkbox';
  /** The choice that is taken already. */
  readonly taken?: string;
}): Html {
  const { id, name, legend, choices, type = 'radio', taken } = field;
  return html`<fieldset>
    <legend>${legend}</legend>
    ${choices.map(
      ({ value, label }, at) =>
        html`<label class="choice" for="${id}-${at}"
          ><input
            type="${type}"
            id="${id}-${at}"
            name="${name}"
            value="${value}"
            ${type === 'radio' ? html`required` : null}
            ${value === taken ? html`checked` : null}
          />
          ${label}</label
        >`,
    )}
  </fieldset>`;
}
