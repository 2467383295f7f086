import { momentText } from '../../domain/time.js';
import { z } from 'zod';
import { displayNames } from '../../db/people.js';
import {
  readerReports,
  reportedNames,
  waitingReports,
  type ReaderReport,
  type ReportEnd,
} from '../../db/reader-reports.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { endReport } from '../../review/reader-reports.js';
import { ANSWERERS, mayAnswer, route, STAFF, type RegionRequest, type RegionRoute } from '../route.js';

/** Reports on one page: those that wait come first. */
const SHOWN = 100;
const ACTIONS: Readonly<Record<ReaderReport['action'], string>> = {
  AJO: 'un ajout',
  COR: 'une correction',
  SUP: 'une suppression',
};
const OUTCOMES: Readonly<Record<ReportEnd['outcome'], string>> = {
  corrected: 'corrigé',
  refused: 'refusé',
};

/** There is no form for it: a person who sees a mistake declares its correction; a tool reports it. */
const HOW = html`Un outil signale par l’API de lecture : il poste une ressource <code>Task</code> (<code
    >POST Task</code
  >), puis relit à son adresse la réponse donnée ici. Le dossier de l’intégrateur, livré avec filror, montre
  le message à envoyer : fichier <code>ops/consumers/signaler-une-erreur.md</code>.`;

const reportsPage = route({
  method: 'GET',
  path: '/signalements',
  roles: STAFF,
  menu: 'Signalements',
  handle: async (request) => {
    const { run, region } = request;
    const reports = await readerReports(run.db, region.code, SHOWN);
    const waiting = await waitingReports(run.db, region.code);
    const names = await reportedNames(run.db, region.code, reports);
    const people = await displayNames(
      run.db,
      reports.flatMap(({ end }) => (end === null ? [] : [end.person])),
    );
    return {
      kind: 'page',
      title: `${counted(waiting, 'signalement')} – Signalements reçus`,
      body: html`<h1>Signalements reçus</h1>
        <p class="lead">
          ${
            waiting === 0
              ? 'Aucun signalement n’attend de réponse.'
              : `${counted(waiting, 'signalement')} ${waiting > 1 ? 'attendent' : 'attend'} une réponse.`
          }
          Les outils qui lisent l’offre (ViaTrajectoire, SAS…) signalent ici ce qui leur paraît faux.
        </p>
        ${reports.length === 0 ? html`<p>${HOW}</p>` : html`<p class="muted small">${HOW}</p>`}
        ${reports.map((report) => card(request, report, names.get(`${report.type}/${report.resourceId}`), people))}
        ${reports.length < SHOWN ? null : html`<p>Seuls les ${SHOWN} premiers sont montrés.</p>`}`,
    };
  },
});

function card(
  request: RegionRequest,
  report: ReaderReport,
  named: { readonly name: string | null; readonly identifier: string | null } | undefined,
  people: ReadonlyMap<string, string | null>,
): Html {
  const { region } = request;
  const what = named?.name ?? `${report.type}/${report.resourceId}`;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Numéro', named?.identifier ?? null],
    ['Demande', ACTIONS[report.action]],
    ['Élément', report.element],
    ['Valeur fausse', report.wrongValue],
    ['Valeur proposée', report.proposedValue],
    ['Remarque', report.description],
    ['Signalé par', `${report.client}, ${momentText(report.receivedAt)}`],
  ];
  const { end } = report;
  return html`<section aria-labelledby="s-${report.no}">
    <h2 id="s-${report.no}">${what}</h2>
    <dl class="facts">
      ${facts.map(([name, value]) =>
        value === null
          ? null
          : html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
      )}
    </dl>
    ${
      end === null
        ? answerForm(request, report, what)
        : html`<p>
            Réponse : ${OUTCOMES[end.outcome]} – ${end.reason}
            (${people.get(end.person) ?? 'personne sans nom'}, ${momentText(end.at)}).
          </p>`
    }
    ${end !== null || !mayAnswer(request) ? null : html`<p><a href="/${region.code}/declarer">Déclarer la correction d’un centre</a></p>`}
  </section>`;
}

function answerForm(request: RegionRequest, report: ReaderReport, what: string): Html {
  if (!mayAnswer(request))
    return html`<p>Vous pouvez lire ; répondre demande le droit d’exploitation ou de relecture.</p>`;
  const { region, token } = request;
  return html`<form method="post" action="/${region.code}/signalements/${report.id}">
    ${token}
    <fieldset>
      <legend>Répondre au signalement sur « ${what} »</legend>
      <p>
        <label><input type="radio" name="issue" value="corrected" required /> C’est corrigé, ou déclaré</label
        ><br />
        <label><input type="radio" name="issue" value="refused" required /> L’offre est juste</label>
      </p>
      <p>
        <label for="m-${report.no}">Ce que le lecteur lira (sans nom ni coordonnées)</label>
        <textarea id="m-${report.no}" name="motif" rows="2" maxlength="500" required></textarea>
      </p>
      <button>Répondre au signalement sur « ${what} »</button>
    </fieldset>
  </form>`;
}

const answerReport = route({
  method: 'POST',
  path: '/signalements/:report',
  roles: ANSWERERS,
  form: z.object({
    issue: z.enum(['corrected', 'refused']),
    motif: z.string().max(500),
  }),
  handle: async ({ run, region, person, params, form }) => {
    await endReport(run.db, {
      region: region.code,
      id: params['report'] ?? '',
      person,
      outcome: form.issue,
      reason: form.motif,
      at: run.now(),
    });
    return {
      kind: 'seeOther',
      to: `/${region.code}/signalements`,
      notice: 'Réponse enregistrée : le lecteur la lira.',
    };
  },
});

export const readerReportRoutes: readonly RegionRoute[] = [reportsPage, answerReport];
