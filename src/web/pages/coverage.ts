import { z } from 'zod';
import { decidedChanges, openedByWeek } from '../../db/coverage.js';
import { DataError } from '../../domain/errors.js';
import { html } from '../../domain/html.js';
import { parisMidnight } from '../../domain/time.js';
import { lastWeeks } from '../../domain/weeks.js';
import { coverageOf, type Coverage, type CoveredCentre } from '../../runs/coverage.js';
import { knownNetworks } from '../../runs/gather.js';
import { asFile } from '../charts/frame.js';
import { csvText } from '../../domain/csv.js';
import { withQuery } from '../query-text.js';
import { route, STAFF, type RegionRequest, type RegionRoute } from '../route.js';
import { figurePart, fileRows, type Figure } from './coverage-figure.js';
import { filters, nothing, readText } from './coverage-frame.js';
import { labelsFigure } from './coverage-labels.js';
import { networksFigure, platformsFigure } from './coverage-lists.js';
import { mapFigure } from './coverage-map.js';
import { missingFigure } from './coverage-missing.js';
import { filieresFigure } from './coverage-places.js';
import { changesFigure, delaysFigure } from './coverage-times.js';

/** Half a year: what the two figures of time show. */
const WEEKS = 26;

const query = z.object({
  par: z.enum(['hopital', 'departement']).default('hopital'),
  filiere: z.string().max(40).default(''),
  departement: z.string().max(3).default(''),
});
type Asked = RegionRequest<z.infer<typeof query>>;

const coveragePage = route({
  method: 'GET',
  path: '/couverture',
  roles: STAFF,
  menu: 'Couverture',
  query,
  handle: async (request) => {
    const { run, region } = request;
    const coverage = await coverageOf(run);
    if (coverage === null || coverage.centres.length === 0)
      return { kind: 'page', title: 'Couverture', body: nothing(region.code, coverage) };
    const shown = narrowed(request, coverage);
    const figures = await figuresOf(request, coverage, shown);
    return {
      kind: 'page',
      title: 'Couverture',
      body: html`<h1>Couverture</h1>
        <p class="lead">Quels soins de maladies rares sont décrits, où, et ce qui manque.</p>
        <p>${readText(coverage)}</p>
        ${filters(request, coverage)}
        ${
          shown.length === 0
            ? html`<p>
                Aucun centre ne répond à ces choix.
                <a href="/${region.code}/couverture">Montrer toute la région</a>
              </p>`
            : null
        }
        <nav aria-label="Parties de la page">
          <ul>
            ${figures.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
          </ul>
        </nav>
        <div class="figures">
          ${figures.map((figure) =>
            figurePart(figure, (kind) => address(request, `/couverture/${figure.id}/${kind}`)),
          )}
        </div>`,
    };
  },
});

const chartFile = route({
  method: 'GET',
  path: '/couverture/:figure/svg',
  roles: STAFF,
  query,
  handle: async (request) => {
    const figure = await wantedFigure(request);
    if (figure.chart === null) throw figureUnknown(request);
    return {
      kind: 'file',
      name: `couverture-${request.region.code}-${figure.id}.svg`,
      type: 'image/svg+xml; charset=utf-8',
      content: asFile(figure.chart),
      as: 'download',
      // Nothing runs and nothing is fetched, even for who opens it from here.
      policy: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    };
  },
});

const dataFile = route({
  method: 'GET',
  path: '/couverture/:figure/csv',
  roles: STAFF,
  query,
  handle: async (request) => {
    const figure = await wantedFigure(request);
    return {
      kind: 'file',
      name: `couverture-${request.region.code}-${figure.id}.csv`,
      type: 'text/csv; charset=utf-8',
      content: csvText(fileRows(figure)),
      as: 'download',
    };
  },
});

export const coverageRoutes: readonly RegionRoute[] = [coveragePage, chartFile, dataFile];

function narrowed({ query: asked }: Asked, { centres }: Coverage): CoveredCentre[] {
  return centres.filter(
    ({ filiere, place }) =>
      (asked.filiere === '' || filiere === asked.filiere) &&
      (asked.departement === '' || place.departement === asked.departement),
  );
}

/** All figures of the page, in its order; some ten queries, whatever the number of centres. */
async function figuresOf(
  { run, region, query: asked }: Asked,
  coverage: Coverage,
  centres: readonly CoveredCentre[],
): Promise<Figure[]> {
  const weeks = lastWeeks(run.now(), WEEKS);
  const since = parisMidnight(weeks[0] ?? '') ?? run.now();
  const looked = {
    region: region.code,
    since,
    centres: asked.filiere === '' && asked.departement === '' ? null : centres.map(({ id }) => id),
  };
  const networks = await knownNetworks(run);
  const departements = asked.departement === '' ? region.departements : [asked.departement];
  return [
    filieresFigure(region.code, coverage, centres, { by: asked.par, filiere: asked.filiere, departements }),
    mapFigure(region.code, departements, centres),
    labelsFigure(region.code, centres, run.config.review.currentCampaign),
    changesFigure(weeks, await openedByWeek(run.db, looked)),
    delaysFigure(weeks, await decidedChanges(run.db, looked)),
    missingFigure(region.code, centres),
    // A region without these lists has nothing to show of them.
    ...(coverage.platforms.length === 0 ? [] : [platformsFigure(coverage.platforms)]),
    ...(networks.length === 0 ? [] : [networksFigure(coverage, networks, centres)]),
  ];
}

/** @throws DataError `FIGURE_UNKNOWN` */
async function wantedFigure(request: Asked): Promise<Figure> {
  const coverage = await coverageOf(request.run);
  if (coverage === null) throw figureUnknown(request);
  const figures = await figuresOf(request, coverage, narrowed(request, coverage));
  const found = figures.find(({ id }) => id === request.params['figure']);
  if (found === undefined || found.rows.length === 0) throw figureUnknown(request);
  return found;
}

function figureUnknown({ params }: Asked): DataError {
  return new DataError({
    code: 'FIGURE_UNKNOWN',
    message: `Rien n’est à télécharger sous « ${(params['figure'] ?? '').slice(0, 40)} » : cette figure n’existe pas, ou elle est vide.`,
    remedy: 'partez de la page « Couverture », qui montre ce qui peut être téléchargé.',
  });
}

function address({ region, query: asked }: Asked, path: string): string {
  const { filiere, departement } = asked;
  return withQuery(`/${region.code}${path}`, {
    par: asked.par === 'hopital' ? '' : asked.par,
    filiere,
    departement,
  });
}
