import { html, type Html } from '../../domain/html.js';
import type { OpenMention } from '../../runs/propose.js';

type Candidate = OpenMention['candidates'][number];

/** French names of what a score is made of (src/matching/score), in the order shown. */
const FEATURES: Readonly<Record<string, string>> = {
  name: 'nom',
  type: 'type d’établissement',
  town: 'ville',
  departement: 'département',
  number: 'numéro',
};

/** Candidates for a hospital as written, best first, with what each score rests on. */
export function candidateTable(
  mention: OpenMention,
  name: string,
  act: ((finess: string, label: string) => Html) | null,
): Html {
  return html`<table class="stack">
    <caption>
      Candidats pour ${name}
    </caption>
    <thead>
      <tr>
        <th scope="col">Hôpital dans FINESS</th>
        <th scope="col">Ressemblance</th>
        <th scope="col">Sur quoi elle repose</th>
        ${act === null ? null : html`<th scope="col">Décision</th>`}
      </tr>
    </thead>
    <tbody>
      ${mention.candidates.map((candidate) => row(candidate, act))}
    </tbody>
  </table>`;
}

function row(candidate: Candidate, act: ((finess: string, label: string) => Html) | null): Html {
  const { ej, eg, name, town, score, features } = candidate;
  const title = `${name}, ${town}`;
  return html`<tr>
    <th scope="row">
      ${title}
      <div class="identity">
        ${eg === null ? `FINESS ${ej} (entité juridique, site à choisir ensuite)` : `FINESS ${eg} (site)`}
      </div>
    </th>
    <td data-label="Ressemblance">${number(score)} : ${scoreWords(score)}</td>
    <td data-label="Sur quoi elle repose">
      ${Object.entries(FEATURES)
        .flatMap(([key, word]) => {
          const value = features[key];
          return value === undefined ? [] : [`${word} ${number(value)} (${featureWords(key, value)})`];
        })
        .join(', ')}
    </td>
    ${act === null ? null : html`<td data-label="Décision">${act(eg ?? ej, title)}</td>`}
  </tr>`;
}

const number = (value: number): string => value.toFixed(2).replace('.', ',');

/** The number is for comparing, the words for reading. */
export function scoreWords(score: number): string {
  if (score >= 0.82) return 'très proche';
  if (score >= 0.6) return 'proche';
  return 'peu sûr';
}

/** What a place is worth when the list says nothing of it (src/matching/score). */
const UNSAID = 0.75;

function featureWords(feature: string, value: number): string {
  if (feature === 'type') return value >= 0.9 ? 'concorde' : value >= 0.5 ? 'ne contredit pas' : 'contredit';
  if ((feature === 'town' || feature === 'departement') && value === UNSAID) return 'non dit par la liste';
  if (value >= 0.995) return 'identique';
  if (value >= 0.8) return 'presque identique';
  return value >= 0.5 ? 'en partie' : 'différent';
}
