import type { SaidInterval } from '../../db/centre-history.js';
import { labelText, type CentreObservation } from '../../domain/centre.js';
import type { Provenance } from '../../domain/change.js';
import { FIELD_WORDS, fieldText } from '../../domain/field-words.js';
import { html, type Html } from '../../domain/html.js';
import { locatorText } from '../../domain/locator.js';
import type { CentreField } from '../../domain/offer.js';
import { frenchDay, momentText } from '../../domain/time.js';
import type { CentreCard } from '../../runs/centre-card.js';
import { dayOf } from '../../runs/merged-centre.js';
import type { ExplainedField } from '../../runs/explain.js';
import { explanationsOf } from '../../runs/explained-centre.js';
import { flapText } from '../../runs/flap-alerts.js';
import { provenance } from './elements.js';
import { alertLines } from './parts.js';
import { whyThisValue } from './why.js';

type Merged = NonNullable<CentreCard['centre']>;
type Names = ReadonlyMap<string, string>;

/** Lines of the history that a page shows. */
const HISTORY_SHOWN = 100;

const NOTHING = html`<span class="muted">non dit</span>`;

interface Row {
  readonly field: CentreField;
  readonly value: Html | string | null;
  readonly from: readonly Provenance[];
}

/** Each value that the next plan would rest on, with its source, its date and its place in it. */
export function valuesTable(card: CentreCard, names: Names, title: string): Html {
  const { centre } = card;
  if (centre === null) return html`<p>Rien : aucune source ne dit ce centre aujourd’hui.</p>`;
  const why = new Map<CentreField, ExplainedField>(
    explanationsOf(card, names).map((each) => [each.field, each]),
  );
  return html`<table class="stack">
    <caption>
      Valeurs retenues pour ${title}
    </caption>
    <thead>
      <tr>
        <th scope="col">Donnée</th>
        <th scope="col">Valeur</th>
        <th scope="col">D’où vient la valeur</th>
      </tr>
    </thead>
    <tbody>
      ${rowsOf(card, centre).map(
        ({ field, value, from }) =>
          html`<tr>
            <th scope="row">${FIELD_WORDS[field]}</th>
            <td data-label="Valeur">${value === null || value === '' ? NOTHING : value}</td>
            <td data-label="D’où vient la valeur" class="small">
              ${from.length === 0 ? NOTHING : from.map((each) => provenance(named(each, names)))}
              ${whyOf(why.get(field))}
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function whyOf(field: ExplainedField | undefined): Html | null {
  return field === undefined ? null : whyThisValue(field);
}

function rowsOf(card: CentreCard, centre: Merged): Row[] {
  const { filiere } = card;
  const from = (field: CentreField): readonly Provenance[] => centre.provenance.get(field) ?? [];
  const row = (field: CentreField, value: Html | string | null): Row => ({
    field,
    value,
    from: value === null ? [] : from(field),
  });
  const completed = [...centre.completions.values()].filter(({ field }) => !SHOWN_ANYWAY.includes(field));
  return [
    row('label', label(centre)),
    row('network', centre.network),
    row('title', centre.title),
    row(
      'filiere',
      filiere === null
        ? centre.filiere
        : html`${centre.filiere} <span class="muted">(${filiere.said.title})</span>`,
    ),
    {
      field: 'ern',
      value: filiere === null ? null : networks(filiere.said.erns, card),
      from: filiere === null ? [] : [filiere.provenance],
    },
    { ...row('establishment', hospital(card, centre)), from: [...from('establishment'), ...from('site')] },
    row('public', centre.public),
    ...(centre.specificActs.length === 0 ? [] : [row('specificActs', centre.specificActs.join(', '))]),
    ...completed.map(({ field, value }) => row(field, fieldText(field, value))),
  ];
}

/** Each code with what the list of networks says of it, in English as the European Commission does. */
function networks(codes: readonly string[], { networks: known }: CentreCard): Html {
  return html`${codes.map((code, at) => {
    const network = known.find((each) => each.code === code);
    const name =
      network === undefined
        ? null
        : html` <span class="muted">(${network.name}, <span lang="en">${network.domain}</span>)</span>`;
    return html`${at === 0 ? '' : ', '}${code}${name}`;
  })}`;
}

/** Completions that have a line of their own already. */
const SHOWN_ANYWAY: readonly CentreField[] = ['label', 'public', 'establishment', 'site', 'specificActs'];

function label({ label: said, completions, observations }: Merged): Html {
  const given = completions.get('label');
  const evidence = observations[0]?.observation.evidence ?? null;
  return html`${labelText(said)}
  ${given?.proof == null ? null : html`<div>Preuve du ${frenchDay(given.date)} : « ${given.proof} »</div>`}
  ${evidence === null ? null : html`<div class="muted">Preuve selon la liste : ${evidence}</div>`}`;
}

function hospital({ identity, sites }: CentreCard, centre: Merged): Html {
  const written = [centre.hospital, centre.town].filter((part) => part !== null && part !== '').join(', ');
  const site = sites.find(({ eg }) => eg === identity?.eg);
  return html`${written || 'non dit'}
    <div class="identity"><span>FINESS ${identity?.eg ?? identity?.ej ?? 'inconnu'}</span></div>
    ${
      site !== undefined
        ? html`<div class="muted">Site : ${site.name}, ${site.town}</div>`
        : (identity?.ej ?? null) === null
          ? html`<div class="muted">Hôpital pas encore reconnu dans FINESS.</div>`
          : html`<div class="muted">Site à choisir parmi les ${sites.length} de l’entité juridique.</div>`
    }`;
}

function named(each: Provenance, names: Names): Provenance {
  return each.kind === 'decision' ? { ...each, origin: names.get(each.origin) ?? 'personne effacée' } : each;
}

/** What each source says now, beside the others. */
export function sourcesTable({ centre }: CentreCard, title: string): Html | null {
  if (centre === null) return null;
  return html`<table class="stack">
    <caption>
      Sources de ${title}, la plus sûre d’abord
    </caption>
    <thead>
      <tr>
        <th scope="col">Source</th>
        <th scope="col">Label</th>
        <th scope="col">Centre</th>
        <th scope="col">Filière</th>
        <th scope="col">Établissement</th>
        <th scope="col">Public</th>
      </tr>
    </thead>
    <tbody>
      ${centre.observations.map(
        ({ source, locator, date, snapshot, observation }) =>
          html`<tr>
            <th scope="row">
              ${source}
              <div class="identity">
                <span>${locatorText(locator)}</span><span>${frenchDay(date)}</span
                ><span>contenu ${snapshot.slice(0, 8)}</span>
              </div>
            </th>
            <td data-label="Label">${labelText(observation.label)}</td>
            <td data-label="Centre">
              ${observation.network === null ? null : `${observation.network} – `}${observation.title}
            </td>
            <td data-label="Filière" class="word">${observation.filiere}</td>
            <td data-label="Établissement">${placeOf(observation)}</td>
            <td data-label="Public" class="word">${observation.public ?? NOTHING}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

export function placeOf({ hospital: name, town, finessEg, finessEj }: CentreObservation): Html {
  const number = finessEg ?? finessEj;
  return html`${[name, town].filter((part) => part !== null && part !== '').join(', ') || 'non dit'}
  ${number === null ? null : html`<div class="identity"><span>FINESS ${number}</span></div>`}`;
}

/** What comes and goes in its lists, and what filror does of it. */
export function swings({ flaps }: CentreCard): Html | null {
  return flaps.length === 0
    ? null
    : html`<h3>Sources qui oscillent</h3>
        ${alertLines(flaps.map(flapText))}`;
}

/** Where sources say something else than the one that is kept: shown, never averaged. */
export function disagreements({ centre }: CentreCard): Html | null {
  if (centre === null) return null;
  const { disagreements: found, observations } = centre;
  if (found.length === 0) {
    const sources = new Set(observations.map(({ source }) => source)).size;
    return html`<p>
      ${sources === 1 ? 'Une seule source dit ce centre : rien ne la contredit.' : 'Ces sources ne se contredisent pas.'}
    </p>`;
  }
  return html`<h3>Désaccords</h3>
    <ul>
      ${found.map(
        ({ field, kept, others }) =>
          html`<li>
            <span class="badge alert"><span aria-hidden="true">!</span> désaccord</span>
            ${FIELD_WORDS[field]} : retenu « ${fieldText(field, JSON.parse(kept))} ».
            ${others.map(
              (other) =>
                html`<div>Dit « ${fieldText(field, JSON.parse(other.value))} » :</div>
                  ${provenance(other.provenance)}`,
            )}
          </li>`,
      )}
    </ul>`;
}

/** Completions, choices and declarations, with their reason; what was taken back stays, and says so. */
export function answersTable({ answers }: CentreCard, names: Names): Html {
  if (answers.length === 0)
    return html`<p>Rien : aucune valeur de ce centre ne repose sur l’acte d’une personne.</p>`;
  return html`<table class="stack">
    <caption>
      Compléments, choix et déclarations, du plus récent au plus ancien
    </caption>
    <thead>
      <tr>
        <th scope="col">Quand</th>
        <th scope="col">Ce qui a été dit</th>
        <th scope="col">Raison ou preuve</th>
        <th scope="col">Par</th>
      </tr>
    </thead>
    <tbody>
      ${[...answers].reverse().map(
        ({ kind, body, author, at, undone }) =>
          html`<tr>
            <th scope="row">${momentText(at)}</th>
            <td data-label="Ce qui a été dit">
              ${said(kind, body)} ${undone ? html`<span class="tag">annulé depuis</span>` : null}
            </td>
            <td data-label="Raison ou preuve">${because(body) ?? NOTHING}</td>
            <td data-label="Par">${names.get(author) ?? 'personne effacée'}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** What proves it, or why. */
function because(body: Readonly<Record<string, unknown>>): string | null {
  const given = [body['proof'], body['reason']].find((each) => typeof each === 'string' && each !== '');
  return typeof given === 'string' ? given : null;
}

export function said(
  kind: CentreCard['answers'][number]['kind'],
  body: Readonly<Record<string, unknown>>,
): string {
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
  const on = text('date') === '' ? '' : ` au ${frenchDay(text('date'))}`;
  switch (kind) {
    case 'complete': {
      const field = text('field');
      const word = FIELD_WORDS[field as CentreField] ?? field;
      return `${word} : ${fieldText('', body['value'])}`;
    }
    case 'match':
      return `Hôpital reconnu : FINESS ${text('eg') || text('ej')}`;
    case 'matchReject':
      return 'Hôpital : aucun des candidats';
    case 'attach':
      return `Rattacher à l’offre ${text('offer')}`;
    case 'create':
      return 'Créer une offre';
    case 'continuity':
      return body['same'] === null ? 'Un autre centre que ceux proposés' : `Le même que ${text('same')}`;
    case 'withdraw':
      return `Label retiré${on}`;
    case 'close':
      return `Centre fermé${on}`;
    case 'reopen':
      return `Centre de retour${on}`;
    case 'revert':
      return `Retour à ce que l’offre disait avant le changement ${text('change')}`;
    case 'unreject':
      return `Rejet du changement ${text('change')} repris`;
    case 'undo':
      return 'Décision annulée';
  }
}

/** What each delivery changed in what is said of the centre, newest first. */
export function history({ history: all }: CentreCard): Html {
  if (all.length === 0) return html`<p>Rien : aucune source n’a dit ce centre sous son identifiant.</p>`;
  const shown = [...all].reverse().slice(0, HISTORY_SHOWN);
  return html`<table class="stack">
      <caption>
        Ce que les sources ont dit, du plus récent au plus ancien
      </caption>
      <thead>
        <tr>
          <th scope="col">Dit depuis</th>
          <th scope="col">Jusqu’à</th>
          <th scope="col">Label</th>
          <th scope="col">Centre et établissement</th>
          <th scope="col">Source</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map((interval) => historyRow(interval))}
      </tbody>
    </table>
    ${all.length > HISTORY_SHOWN ? html`<p>… et ${all.length - HISTORY_SHOWN} lignes plus anciennes.</p>` : null}`;
}

function historyRow({ source, content, locator, from, until }: SaidInterval): Html {
  const observation = JSON.parse(content) as CentreObservation;
  return html`<tr>
    <th scope="row">
      ${frenchDay(dayOf(from))}
      <div class="identity"><span>reçu le ${momentText(from.fetchedAt)}</span></div>
    </th>
    <td data-label="Jusqu’à">
      ${until === null ? html`<span class="word">aujourd’hui</span>` : `la livraison du ${momentText(until.fetchedAt)} (${until.fileName})`}
    </td>
    <td data-label="Label">${labelText(observation.label)}</td>
    <td data-label="Centre et établissement">
      ${observation.network === null ? null : `${observation.network} – `}${observation.title},
      ${[observation.hospital, observation.town].filter((part) => part !== null && part !== '').join(', ')}
    </td>
    <td data-label="Source">
      ${source}
      <div class="identity">
        <span>${locatorText(locator)}</span><span>contenu ${from.sha256.slice(0, 8)}</span>
      </div>
    </td>
  </tr>`;
}
