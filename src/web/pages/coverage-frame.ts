import { momentText } from '../../domain/time.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import type { Coverage } from '../../runs/coverage.js';
import type { RegionRequest } from '../route.js';
import { departementText, type By } from './coverage-places.js';

/** What narrows the page, as it stands in the address; empty: everything. */
export interface CoverageAsked {
  readonly par: By;
  readonly filiere: string;
  readonly departement: string;
}

/** A region of which nothing can be shown yet: what to do. */
export function nothing(region: string, coverage: Coverage | null): Html {
  return html`<h1>Couverture</h1>
    ${
      coverage === null
        ? html`<p>Aucun passage encore : rien n’est connu des centres de cette région.</p>
            <p>
              La page se remplit au premier passage :
              <a href="/${region}/passages">voir les passages</a>.
            </p>`
        : html`<p>Aucun centre : les listes lues n’en nomment aucun dans cette région.</p>
            <p>
              Vérifiez ce que les sources ont donné :
              <a href="/${region}/sources">voir les sources et leur calendrier</a>.
            </p>`
    }`;
}

/** What the figures rest on: the directory as last read, and what they leave out. */
export function readText({ mirror, ended }: Coverage): string {
  const read =
    mirror.state === 'none' || mirror.at === null
      ? 'Le ROR de la région n’a encore jamais été lu : aucun centre ne peut y être vu.'
      : `Le ROR de la région tel que filror l’a lu le ${momentText(new Date(mirror.at))}.`;
  return ended === 0
    ? read
    : `${read} ${counted(ended, 'centre déclaré fermé ou sans label n’est pas compté', 'centres déclarés fermés ou sans label ne sont pas comptés')}.`;
}

export function filters(
  { region, query: asked }: RegionRequest<CoverageAsked>,
  { centres, filieres }: Coverage,
): Html {
  const choice = (value: string, words: string, now: string): Html =>
    html`<option value="${value}" ${value === now ? html`selected` : null}>${words}</option>`;
  const compare = new Intl.Collator('fr', { numeric: true }).compare;
  const names = [
    ...new Set([...filieres.map(({ code }) => code), ...centres.map(({ filiere }) => filiere)]),
  ].sort(compare);
  const departements = [
    ...new Set([...region.departements, ...centres.flatMap(({ place }) => place.departement ?? [])]),
  ].sort(compare);
  return html`<form class="filters" method="get" action="/${region.code}/couverture">
    <div>
      <label for="par">Lignes du tableau</label>
      <select id="par" name="par">
        ${choice('hopital', 'établissements', asked.par)} ${choice('departement', 'départements', asked.par)}
      </select>
    </div>
    <div>
      <label for="filiere">Filière</label>
      <select id="filiere" name="filiere">
        ${choice('', 'toutes', asked.filiere)} ${names.map((name) => choice(name, name, asked.filiere))}
      </select>
    </div>
    <div>
      <label for="departement">Département</label>
      <select id="departement" name="departement">
        ${choice('', 'tous', asked.departement)}
        ${departements.map((code) => choice(code, departementText(code), asked.departement))}
      </select>
    </div>
    <button>Montrer cette couverture</button>
  </form>`;
}
