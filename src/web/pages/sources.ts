import { z } from 'zod';
import { circuitsOf, type SeenCircuit } from '../../db/circuits.js';
import { displayNames } from '../../db/people.js';
import { lastFailures, type SourceFailure } from '../../db/runs.js';
import { schedulesOf } from '../../db/schedules.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { JOB_WORDS, type Pause, type Schedule } from '../../domain/schedule.js';
import { frenchDay, momentText } from '../../domain/time.js';
import { FRESHNESS_WORDS, sourceAges, type Freshness, type SourceAge } from '../../runs/freshness.js';
import { flapsOf, flapText } from '../../runs/flap-alerts.js';
import { trialSources } from '../../runs/source-states.js';
import { pause, pausesOf, resume } from '../../schedule/manage.js';
import { route, STAFF, type RegionRequest } from '../route.js';
import { schedulingOf } from '../scheduling.js';
import { contentLinks } from './contents.js';
import { lastSet } from './last-set.js';
import { mailPart } from './mail-part.js';
import { alertLines } from './parts.js';

const TONES: Readonly<Record<Freshness, string>> = {
  never: 'alert',
  unlimited: 'plain',
  fresh: 'add',
  watched: 'edit',
  stale: 'alert',
};

export const sourcesPage = route({
  method: 'GET',
  path: '/sources',
  roles: STAFF,
  menu: 'Sources et calendrier',
  handle: async (request) => {
    const { run, region } = request;
    const ages = await sourceAges(run, run.now());
    const failures = await lastFailures(run.db, region.code);
    const pauses = await pausesOf(schedulingOf(request), region.code);
    const flaps = await flapsOf(run);
    const stale = ages.filter(({ freshness }) => freshness === 'stale').length;
    return {
      kind: 'page',
      title: 'Sources et calendrier',
      body: html`<h1>Sources et calendrier</h1>
        <p class="lead">
          ${stale === 0 ? 'Aucune source n’est périmée.' : `${counted(stale, 'source périmée', 'sources périmées')} : ce qu’elles disent ne bouge plus.`}
        </p>
        ${sourcesTable(ages, pauses, { flaps, trials: trialSources(run.config), failures })} ${swings(flaps)}
        ${schedules(await schedulesOf(run.db, region.code))} ${await lastSet(run.db, region.code)}
        ${await pausesList(request, pauses)} ${pauseForm(request, ages)}
        ${circuits(await circuitsOf(run.db, region.code))} ${contentLinks(request, ages)}
        ${await mailPart(request)}`,
    };
  },
});

export const pausePost = route({
  method: 'POST',
  path: '/sources/pause',
  roles: ['operator'],
  form: z.object({
    source: z.string().max(80).default(''),
    raison: z.string().max(500),
    jusqu: z.string().max(20),
  }),
  handle: async (request) => {
    const { region, form, person } = request;
    const source = form.source === '' ? null : form.source;
    const wanted = { region: region.code, source, reason: form.raison, until: form.jusqu, hours: null };
    const made = await pause(schedulingOf(request), wanted, person);
    return {
      kind: 'seeOther',
      to: `/${region.code}/sources`,
      notice: `En pause jusqu’au ${momentText(made.expiresAt)} : ${scopeText(made)}. Ce qui est en cours continue.`,
    };
  },
});

export const resumePost = route({
  method: 'POST',
  path: '/sources/reprise',
  roles: ['operator'],
  form: z.object({ source: z.string().max(80).default('') }),
  handle: async (request) => {
    const { region, form, person } = request;
    const source = form.source === '' ? null : form.source;
    const lifted = await resume(schedulingOf(request), { region: region.code, source, reason: null }, person);
    const notice =
      lifted === 0
        ? 'Aucun changement : aucune pause de cette portée n’était en cours.'
        : `Reprise : ${scopeText({ region: region.code, source })}.`;
    return { kind: 'seeOther', to: `/${region.code}/sources`, notice };
  },
});

function scopeText({ region, source }: Pick<Pause, 'region' | 'source'>): string {
  if (region === null) return 'toutes les régions';
  return source === null ? 'toute la région' : `la source ${source}`;
}

type Flaps = Awaited<ReturnType<typeof flapsOf>>;

function sourcesTable(
  ages: readonly SourceAge[],
  pauses: readonly Pause[],
  {
    flaps,
    trials,
    failures,
  }: {
    readonly flaps: Flaps;
    readonly trials: ReadonlySet<string>;
    readonly failures: ReadonlyMap<string, SourceFailure>;
  },
): Html {
  const all = pauses.some(({ source }) => source === null);
  return html`<table class="stack">
    <caption>
      Fraîcheur des sources
    </caption>
    <thead>
      <tr>
        <th scope="col">Source</th>
        <th scope="col">État</th>
        <th scope="col">Âge du contenu</th>
        <th scope="col">Date du contenu</th>
        <th scope="col">Dernière livraison</th>
      </tr>
    </thead>
    <tbody>
      ${ages.map(({ source, freshness, delivery, days }) => {
        const paused = all || pauses.some((each) => each.source === source);
        return html`<tr>
          <th scope="row">${source}</th>
          <td data-label="État">
            ${trials.has(source) ? html`<span class="badge plain">essai</span> ` : null}
            ${paused ? html`<span class="badge plain">en pause</span> ` : null}
            <span class="badge ${TONES[freshness]}">${FRESHNESS_WORDS[freshness]}</span>
            ${flaps.has(source) ? html` <span class="badge alert">oscille</span>` : null}
            ${failureLine(failures.get(source))}
          </td>
          <td data-label="Âge du contenu">
            ${days === null ? '–' : `${counted(days.age, 'jour')} sur ${String(days.limit)} admis`}
          </td>
          <td data-label="Date du contenu">
            ${delivery?.content_date == null ? 'non dite' : frenchDay(delivery.content_date)}
          </td>
          <td data-label="Dernière livraison">
            ${delivery === null ? 'aucune' : `${momentText(delivery.fetched_at)}, ${delivery.file_name}`}
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

function failureLine(failure: SourceFailure | undefined): Html | null {
  if (failure === undefined) return null;
  return html` <span class="badge alert">en échec</span>
    <p class="muted">${momentText(failure.at)}, ${failure.code} : ${failure.message} ${failure.remedy}</p>`;
}

/** Values shown one by one; a whole file that alternates would fill the page. */
const SWINGS_SHOWN = 20;

/** What comes and goes, with its dates, what filror keeps meanwhile, and what to do. */
function swings(flaps: Flaps): Html | null {
  const all = [...flaps.values()].flat();
  if (all.length === 0) return null;
  const hidden = all.length - SWINGS_SHOWN;
  return html`<h2>Sources qui oscillent</h2>
    <p>
      Une valeur qui revient à ce qu’elle était, livraison après livraison, n’ouvre pas un changement à chaque
      fois : la dernière valeur stable est gardée, pour un temps.
    </p>
    ${alertLines(all.slice(0, SWINGS_SHOWN).map(flapText))}
    ${hidden > 0 ? html`<p>… et ${hidden} autres.</p>` : null}`;
}

function schedules(list: readonly Schedule[]): Html {
  const next = [...list].sort((a, b) => a.nextAt.getTime() - b.nextAt.getTime());
  return html`<h2>Prochaines échéances</h2>
    ${
      next.length === 0
        ? html`<p>Rien de planifié : demandez à l’exploitant (« filror schedule add »).</p>`
        : html`<ul>
            ${next.map(
              (each) =>
                html`<li>
                  ${momentText(each.nextAt)} :
                  ${JOB_WORDS[each.kind]}${each.source === null ? null : ` de ${each.source}`}
                  <span class="muted">(${each.name}${each.builtIn ? ', toujours présente' : null})</span>
                </li>`,
            )}
          </ul>`
    }`;
}

async function pausesList(request: RegionRequest, pauses: readonly Pause[]): Promise<Html> {
  const { run, region, token, roles } = request;
  const names = await displayNames(
    run.db,
    pauses.map(({ author }) => author),
  );
  return html`<h2>Pauses</h2>
    ${
      pauses.length === 0
        ? html`<p>Aucune pause en cours.</p>`
        : html`<ul>
            ${pauses.map(
              (each) =>
                html`<li>
                  <strong>${scopeText(each)}</strong>, jusqu’au ${momentText(each.expiresAt)}, par
                  ${names.get(each.author) ?? 'personne effacée'} : « ${each.reason} »
                  ${
                    !roles.has('operator') || each.region === null
                      ? null
                      : html`<form class="act" method="post" action="/${region.code}/sources/reprise">
                          ${token}<input type="hidden" name="source" value="${each.source}" />
                          <button>Lever la pause : ${scopeText(each)}</button>
                        </form>`
                  }
                </li>`,
            )}
          </ul>`
    }`;
}

function pauseForm({ region, token, roles }: RegionRequest, ages: readonly SourceAge[]): Html {
  if (!roles.has('operator')) return html`<p>Mettre en pause demande le droit d’opérateur.</p>`;
  return html`<form class="act" method="post" action="/${region.code}/sources/pause">
    ${token}
    <div class="filters">
      <div>
        <label for="source">Mettre en pause</label>
        <select id="source" name="source">
          <option value="">toute la région</option>
          ${ages.map(({ source }) => html`<option value="${source}">${source}</option>`)}
        </select>
      </div>
      <div>
        <label for="jusqu">Jusqu’au (heure de Paris)</label>
        <input id="jusqu" name="jusqu" type="datetime-local" required />
      </div>
      <div>
        <label for="motif">Raison (exemple : « maintenance du répertoire régional »)</label>
        <input id="motif" name="raison" required maxlength="500" />
      </div>
    </div>
    <button>Mettre en pause</button>
  </form>`;
}

const CIRCUITS: Readonly<Record<SeenCircuit['state'], string>> = {
  closed: 'les requêtes passent',
  open: 'laissé en repos',
  halfOpen: 'à l’essai (une requête)',
};

function circuits(list: readonly SeenCircuit[]): Html {
  return html`<h2>Disjoncteurs</h2>
    ${
      list.length === 0
        ? html`<p>Aucun serveur n’a été laissé en repos.</p>`
        : html`<ul>
            ${list.map(
              ({ host, state, failuresInARow, retryAt, changedAt }) =>
                html`<li>
                  <span class="badge ${state === 'closed' ? 'add' : 'alert'}">${CIRCUITS[state]}</span>
                  ${host}${
                    state === 'closed' || retryAt === null
                      ? null
                      : `, jusqu’au ${momentText(retryAt)}, après ${counted(failuresInARow, 'échec')} de suite. Que faire : si le serveur reste en panne, prévenez son exploitant.`
                  }
                  <span class="muted small">(dit le ${momentText(changedAt)})</span>
                </li>`,
            )}
          </ul>`
    }`;
}
