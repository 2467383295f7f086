import { html, type Html } from '../../domain/html.js';
import type { CentreIdentity } from '../../runs/report.js';
import type { ExplainedField } from '../../runs/explain.js';
import { explainedCentre } from '../../runs/explained-centre.js';
import { nameOf } from '../../runs/centre-list.js';
import type { RegionRequest } from '../route.js';

const BADGES: Readonly<Record<ExplainedField['state'], Html | null>> = {
  agreed: null,
  disagreement: html`<span class="badge alert"><span aria-hidden="true">!</span> désaccord</span>`,
  newDisagreement: html`<span class="badge alert"><span aria-hidden="true">!</span> désaccord nouveau</span>`,
};

/** Behind each value: who gives it, by which rank, what the others say. Opens with the keyboard, without JavaScript. */
export function whyThisValue(field: ExplainedField): Html {
  return html`<details>
    <summary>
      Pourquoi cette valeur ?<span class="hidden"> ${field.word}</span> ${BADGES[field.state]}
    </summary>
    ${lines(field)}
  </details>`;
}

/** The same for every value of the centres of a change, as the sources speak now. */
export async function whyTheseValues(
  { run, region }: RegionRequest,
  ids: readonly string[],
  centres: Readonly<Record<string, CentreIdentity>>,
): Promise<Html> {
  const parts: Html[] = [];
  for (const id of ids) {
    const { id: held, fields } = await explainedCentre(run, id);
    const known = centres[id];
    parts.push(
      html`<h3>${known === undefined ? `Centre ${id}` : nameOf(known)}</h3>
        ${
          fields.length === 0
            ? html`<p>Aucune source ne dit plus ce centre.</p>`
            : fields.map(
                (field) =>
                  html`<details>
                    <summary>${field.word} : ${field.value} ${BADGES[field.state]}</summary>
                    ${lines(field)}
                  </details>`,
              )
        }
        <p class="small"><a href="/${region.code}/centres/${held}">Ouvrir la fiche de ce centre</a></p>`,
    );
  }
  return html`<h2>Pourquoi ces valeurs ?</h2>
    <p>
      Ce que les sources disent aujourd’hui, donnée par donnée. Cette explication ne fait pas partie de ce qui
      est approuvé.
    </p>
    ${parts}`;
}

function lines(field: ExplainedField): Html {
  return html`<ul>
    ${field.lines.map((line) => html`<li>${line}</li>`)}
  </ul>`;
}
