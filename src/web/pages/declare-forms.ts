import { headOf } from '../../db/centre-heads.js';
import { html, type Html } from '../../domain/html.js';
import type { CentreContact } from '../../domain/offer.js';
import { frenchDay } from '../../domain/time.js';
import { CodeBook, type CodeEntry } from '../../ror/codes.js';
import { contactChoices, declaredContacts } from '../../runs/declare-contact.js';
import { knownSites } from '../../runs/known-sites.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import type { RegionRequest } from '../route.js';
import { choicesField } from './choices.js';

/** What can be declared, in the order of the page. */
export const GENRES = ['contact', 'demenagement', 'responsable', 'withdraw', 'close', 'reopen'] as const;
export type Genre = (typeof GENRES)[number];

export const GENRE_WORDS: Readonly<Record<Genre, { readonly short: string; readonly long: string }>> = {
  contact: {
    short: 'Contact du service',
    long: 'Contact : secrétariat, rendez-vous, avis médical, MSSanté, téléexpertise (ajouter, remplacer, ôter)',
  },
  demenagement: { short: 'Déménagement', long: 'Déménagement : le centre consulte sur un autre site' },
  responsable: {
    short: 'Responsable',
    long: 'Responsable : son nom professionnel, montré aux seules personnes connectées, jamais publié',
  },
  withdraw: {
    short: 'Label perdu',
    long: 'Label perdu : filror retire ce qu’il a écrit, la consultation reste ouverte',
  },
  close: { short: 'Fermeture', long: 'Fermeture : l’offre créée par filror reçoit une date de fermeture' },
  reopen: { short: 'Retour', long: 'Retour : label retrouvé, ou offre rouverte' },
};

/** The form of one declaration about one centre, with what is declared so far. */
export async function declarationForm(
  request: RegionRequest,
  genre: Genre,
  centre: string,
  name: string,
): Promise<Html> {
  switch (genre) {
    case 'contact':
      return await contactForms(request, centre, name);
    case 'demenagement':
      return await moveForm(request, centre, name);
    case 'responsable':
      return await headForms(request, centre, name);
    case 'withdraw':
    case 'close':
    case 'reopen':
      return html`<p>
          ${GENRE_WORDS[genre].long}.
          ${
            genre === 'reopen'
              ? null
              : html`Deux autres personnes l’approuveront. La fermeture d’une offre que filror n’a pas créée
                appartient à l’établissement : déclarez alors la perte du label.`
          }
        </p>
        ${sent(request, genre, centre, html`${provedFields('', 'Date d’effet')}`, `Déclarer : ${GENRE_WORDS[genre].short.toLowerCase()} de ${name}`)}`;
  }
}

function sent(
  { region, token }: RegionRequest,
  genre: string,
  centre: string,
  fields: Html,
  button: string,
): Html {
  return html`<form method="post" action="/${region.code}/declarer" class="act">
    ${token}<input type="hidden" name="genre" value="${genre}" />
    <input type="hidden" name="centre" value="${centre}" />
    ${fields}
    <div><button class="primary">${button}</button></div>
  </form>`;
}

/** @param at what sets the fields of one form apart from those of another on the same page */
function provedFields(at: string, day: string): Html {
  return html`<label for="preuve${at}">Preuve : acte ou document, date, page (sans coordonnées)</label>
    <textarea id="preuve${at}" name="preuve" required maxlength="2000" rows="2"></textarea>
    <label for="date${at}">${day}</label>
    <input id="date${at}" name="date" type="date" required />`;
}

async function contactForms(request: RegionRequest, centre: string, name: string): Promise<Html> {
  const codes = new CodeBook(request.run.config.codes);
  const { natures, channels, confidentialities } = contactChoices(codes);
  const known = await declaredContacts(request.run, centre);
  return html`<p>
      Un contact est celui du service : un secrétariat, une ligne d’avis, une boîte. Jamais le mobile ni la
      boîte d’une personne. Un contact de même nature et de même canal remplace celui qui était déclaré.
    </p>
    <h2>Contacts déclarés</h2>
    ${
      known.length === 0
        ? html`<p>Aucun : une offre sans numéro n’oriente personne.</p>`
        : html`<ul>
            ${known.map((each) => html`<li>${contactText(codes, each)}</li>`)}
          </ul>`
    }
    <h2>Ajouter ou remplacer un contact</h2>
    ${sent(
      request,
      'contact',
      centre,
      html`${choice('nature', 'Nature', natures)} ${choice('canal', 'Canal', channels)}
        <label for="valeur">Numéro ou adresse du service</label>
        <input id="valeur" name="valeur" required maxlength="300" autocomplete="off" />
        ${choicesField({
          id: 'visibilite',
          name: 'visibilite',
          legend: 'Qui peut le voir dans le ROR',
          choices: confidentialities.map(({ code, display }) => ({ value: code, label: display })),
        })}
        ${provedFields('', 'Depuis le')}`,
      `Déclarer ce contact de ${name}`,
    )}
    ${
      known.length === 0
        ? null
        : html`<h2>Ôter un contact déclaré</h2>
            ${sent(
              request,
              'contact-ote',
              centre,
              html`<label for="valeur-ote">Contact à ôter</label>
                <select id="valeur-ote" name="valeur" required>
                  <option value="">choisissez un contact</option>
                  ${known.map(
                    (each) =>
                      html`<option value="${each.nature}/${each.channel}">
                        ${contactText(codes, each)}
                      </option>`,
                  )}
                </select>
                ${provedFields('-ote', 'Depuis le')}`,
              `Ôter ce contact de ${name}`,
            )}`
    }`;
}

/** "Secrétariat, Téléphone fixe : 02… (Visible du grand public)" */
export function contactText(
  codes: CodeBook,
  { nature, channel, confidentiality, value }: CentreContact,
): string {
  const said = (system: string, code: string): string => codes.find(system, code)?.display ?? code;
  const by = codes.find('TRE_R256', channel)?.display ?? said('TRE_R200', channel);
  return `${said('TRE_R287', nature)}, ${by} : ${value} (${said('TRE_R283', confidentiality)})`;
}

function choice(name: string, label: string, entries: readonly CodeEntry[]): Html {
  return html`<label for="${name}">${label}</label>
    <select id="${name}" name="${name}" required>
      <option value="">choisissez</option>
      ${entries.map(({ code, display }) => html`<option value="${code}">${display}</option>`)}
    </select>`;
}

async function moveForm(request: RegionRequest, centre: string, name: string): Promise<Html> {
  const known = (await plannedCentres(request.run))[centre];
  const sites = known?.ej == null ? [] : await knownSites(request.run, [known.ej]);
  const now = sites.find(({ eg }) => eg === known?.eg);
  const others = sites.filter(({ eg }) => eg !== known?.eg);
  return html`<p>
      Site connu aujourd’hui :
      <strong
        >${now === undefined ? (known?.eg ?? 'aucun') : `${now.name}, ${now.town} (FINESS ${now.eg})`}</strong
      >.
    </p>
    ${sent(
      request,
      'demenagement',
      centre,
      html`${
          others.length === 0
            ? null
            : html`<label for="site">Nouveau site, parmi ceux du même hôpital</label>
                <select id="site" name="site">
                  <option value="">un autre hôpital (numéro ci-dessous)</option>
                  ${others.map(({ eg, name: of, town }) => html`<option value="${eg}">${of}, ${town} (${eg})</option>`)}
                </select>`
        }
        <label for="finess"
          >${others.length === 0 ? 'Numéro FINESS du nouveau site' : 'Ou numéro FINESS du site d’un autre hôpital de la région'}</label
        >
        <input
          id="finess"
          name="finess"
          maxlength="20"
          autocomplete="off"
          ${others.length === 0 ? html`required` : null}
        />
        ${provedFields('', 'Depuis le')}`,
      `Déclarer le déménagement de ${name}`,
    )}`;
}

async function headForms(request: RegionRequest, centre: string, name: string): Promise<Html> {
  const { run, region } = request;
  const head = await headOf(run.db, region.code, centre);
  return html`<p>
      Le nom professionnel du responsable est montré aux personnes connectées, sur la fiche du centre. Il
      n’entre ni dans le ROR, ni dans le journal, ni dans un tableur, ni dans l’API. Seul le nom présent est
      gardé.
    </p>
    <p>
      ${
        head === null
          ? 'Aucun responsable n’est enregistré.'
          : html`Responsable enregistré : <strong>${head.name}</strong>, depuis le ${frenchDay(head.since)}
              (preuve : ${head.proof}).`
      }
    </p>
    ${sent(
      request,
      'responsable',
      centre,
      html`<label for="nom">Titre, prénom et nom</label>
        <input id="nom" name="nom" required maxlength="120" autocomplete="off" />
        ${provedFields('', 'Depuis le')}`,
      `Enregistrer ce responsable de ${name}`,
    )}
    ${
      head === null
        ? null
        : html`<form method="post" action="/${region.code}/declarer" class="act">
            ${request.token}<input type="hidden" name="genre" value="responsable-efface" />
            <input type="hidden" name="centre" value="${centre}" />
            <div><button>Effacer le nom du responsable de ${name}</button></div>
          </form>`
    }`;
}
