import type { OfferVersion } from '../../db/as-of.js';
import type { CodeSystemConfig } from '../../config/schema/codes.js';
import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import type { Json } from '../../domain/json.js';
import { frenchDay, momentText } from '../../domain/time.js';
import { CodeBook } from '../../ror/codes.js';
import { termOf, termRank } from '../../ror/terms.js';
import type { AsOf, PastOffer } from '../../runs/as-of.js';
import type { PastDay } from '../../runs/as-of-day.js';
import {
  differences,
  elementsIn,
  lost,
  writer,
  type Elements,
  type OfferAt,
} from '../../runs/as-of-offer.js';
import { referenceIn } from '../../runs/as-of-places.js';
import { shown } from './elements.js';

/** One date, with how things stood then. */
export interface Dated {
  readonly day: PastDay;
  readonly then: AsOf;
}

/** What the sections of a past date are made from. */
export interface OfferSection extends Dated {
  readonly region: string;
  /** The date to compare with. */
  readonly other: Dated | null;
  /** Texts of the versions of both dates. */
  readonly bodies: ReadonlyMap<number, string>;
  readonly codes: readonly CodeSystemConfig[];
  readonly readings: { readonly first: Date | null; readonly last: Date | null };
  readonly nameOf: (centre: string) => string;
  /** Address of an offer's own page at that date; null on that very page. */
  readonly offerPage: ((identifier: string) => string) | null;
  /** Names of what the offers refer to, by their reference. */
  readonly places: ReadonlyMap<string, string>;
}

/** What the repository said of each offer, as it had been read by then. */
export function offersThen(section: OfferSection): Html {
  const { then, readings } = section;
  return html`${readingNote(section)}
  ${
    then.offers.length === 0
      ? html`<p>Aucune offre : ce centre n’a jamais été rattaché à une offre du ROR.</p>`
      : readings.last === null && then.offers.every(({ read }) => read.kind === 'unread')
        ? null
        : then.offers.map((offer) => offerThen(section, offer))
  }`;
}

function readingNote({ readings, day }: OfferSection): Html {
  const { first, last } = readings;
  if (last !== null)
    return html`<p>
      Voici ce que filror avait lu du ROR. La dernière lecture du répertoire enregistrée est du
      ${momentText(last)} ; entre deux lectures, filror ne sait pas ce que le ROR disait.
    </p>`;
  return html`<div class="banner">
    <p>
      À la fin du ${frenchDay(day.iso)}, filror n’avait encore rien lu du ROR :
      ${first === null ? 'aucune lecture n’est enregistrée' : `sa première lecture est du ${momentText(first)}`}.
    </p>
    <p><strong>Que faire :</strong> choisissez une date plus récente, par exemple dans la liste plus bas.</p>
  </div>`;
}

function offerThen(section: OfferSection, offer: PastOffer): Html {
  const { identifier, read } = offer;
  return html`<h3>Offre ${identifier}</h3>
    <p>${offer.links.map((link) => html`${linkText(section, link, offer.links.length > 1)} `)}</p>
    <p>${readText(read)}</p>
    ${section.offerPage === null ? null : html`<p><a href="${section.offerPage(identifier)}">Voir cette offre seule, à cette date</a></p>`}
    ${section.other === null ? elementsThen(section, offer) : compared(section, offer, section.other)}
    ${raw(section, offer)}`;
}

function linkText(
  { nameOf }: OfferSection,
  { centre, link, since, createdByUs }: PastOffer['links'][number],
  several: boolean,
): string {
  const on = since === null ? '' : ` le ${momentText(since)}`;
  const text = {
    linked: `${createdByUs ? 'Offre créée par filror pour ce centre' : 'Centre rattaché à cette offre'}${on}.`,
    left: `Offre quittée par ce centre${on}.`,
    notYet: 'Centre pas rattaché à cette offre à cette date.',
    unknown: 'Date du rattachement non connue.',
  }[link];
  return several ? `${nameOf(centre)} : ${text}` : text;
}

function readText(read: OfferAt): Html {
  switch (read.kind) {
    case 'unread':
      return html`<strong>Pas encore lue.</strong>
        ${read.first === null ? 'filror ne l’a jamais lue dans le ROR.' : `filror l’a lue pour la première fois le ${momentText(read.first)}.`}`;
    case 'gone':
      return html`<strong>N’y était plus depuis le ${momentText(read.since)}</strong> :
        ${read.how === 'unseen' ? 'la lecture complète de ce moment ne l’a pas trouvée.' : 'la ressource portait un autre numéro.'}`;
    case 'read':
      return html`${readOn(read.version)}
      ${
        read.twins === 0
          ? null
          : html`<span class="badge alert"><span aria-hidden="true">!</span> doublon</span>
              ${counted(read.twins, 'autre ressource portait', 'autres ressources portaient')} le même numéro
              : la dernière lue est montrée.`
      }`;
  }
}

function readOn({ versionId, seenAt }: OfferVersion): Html {
  const version = versionId === null ? 'Version sans numéro' : `Version ${versionId}`;
  return html`<strong>${version}, lue par filror le ${momentText(seenAt)}.</strong>`;
}

function bodyOf({ bodies }: OfferSection, read: OfferAt | undefined): string | null {
  return read?.kind === 'read' ? (bodies.get(read.version.no) ?? null) : null;
}

function elementsThen(section: OfferSection, { identifier, read, ours }: PastOffer): Html | null {
  const body = bodyOf(section, read);
  if (body === null) return null;
  const codes = new CodeBook(section.codes);
  const on = frenchDay(section.day.iso);
  return html`<table class="stack">
    <caption>
      Éléments de l’offre ${identifier}, à la fin du ${on}
    </caption>
    <thead>
      <tr>
        <th scope="col">Élément</th>
        <th scope="col">Valeur lue</th>
      </tr>
    </thead>
    <tbody>
      ${inOrder(elementsIn(body)).map(
        ([key, value]) =>
          html`<tr>
            <th scope="row">${termOf(key)} ${WRITER_TAGS[writer(ours, key, value)]}</th>
            <td data-label="Valeur lue">${valueThen(section, value)}</td>
          </tr>`,
      )}
      ${lost(ours, elementsIn(body)).map(
        ({ key, readBack }) =>
          html`<tr>
            <th scope="row">${termOf(key)} <span class="tag">écrit par filror, retiré par d’autres</span></th>
            <td data-label="Valeur lue">
              ${shown(undefined, codes)}
              <div class="muted">filror y avait relu : ${shown(readBack ?? undefined, codes)}</div>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** The address of a resource says nothing to a person: its name does, where it was read. */
function valueThen({ places, codes }: OfferSection, value: Json): Html {
  const reference = referenceIn(value);
  const name = reference === null ? undefined : places.get(reference);
  if (name === undefined) return shown(value, new CodeBook(codes));
  return html`<div>${name}</div>
    <div class="muted small">${reference}</div>`;
}

const WRITER_TAGS = {
  filror: html`<span class="tag">écrit par filror</span>`,
  changedSince: html`<span class="tag">écrit par filror, changé par d’autres</span>`,
  others: null,
} as const;

function inOrder(elements: Elements): readonly (readonly [string, Json])[] {
  return [...elements].sort(([a], [b]) => termRank(a) - termRank(b));
}

/** The older date on the left, whichever of the two the page is about. */
function compared(section: OfferSection, offer: PastOffer, other: Dated): Html {
  const { identifier } = offer;
  const codes = new CodeBook(section.codes);
  const otherRead = other.then.offers.find((each) => each.identifier === identifier)?.read;
  const sides = [
    { iso: section.day.iso, end: section.day.end, read: offer.read },
    { iso: other.day.iso, end: other.day.end, read: otherRead },
  ].sort((a, b) => a.end.getTime() - b.end.getTime());
  const [older, newer] = sides.map((side) => ({ ...side, body: bodyOf(section, side.read) }));
  if (older === undefined || newer === undefined) return html``;
  const found = differences(elementsIn(older.body), elementsIn(newer.body));
  const unread = [older, newer].filter(({ body }) => body === null);
  if (unread.length === 2)
    return html`<p>Rien à comparer : filror n’a rien de cette offre à l’une ni à l’autre date.</p>`;
  const lacking = unread.map(
    ({ iso, read }) =>
      html`<p>
        Au ${frenchDay(iso)} : ${read === undefined ? 'offre inconnue.' : readText(read)} Tout ce que dit
        l’autre date est donc montré.
      </p>`,
  );
  if (found.length === 0)
    return html`${lacking}
      <p>
        Aucune différence : à la fin du ${frenchDay(older.iso)} et à la fin du ${frenchDay(newer.iso)}, filror
        y lisait la même chose.
      </p>`;
  const [left, right] = [`Fin du ${frenchDay(older.iso)}`, `Fin du ${frenchDay(newer.iso)}`];
  return html`${lacking}
    <table class="stack">
      <caption>
        ${counted(found.length, 'élément a changé', 'éléments ont changé')} dans l’offre ${identifier} ; ceux
        qui disent la même chose ne sont pas montrés
      </caption>
      <thead>
        <tr>
          <th scope="col">Élément</th>
          <th scope="col">${left}</th>
          <th scope="col">${right}</th>
        </tr>
      </thead>
      <tbody>
        ${found
          .sort((a, b) => termRank(a.key) - termRank(b.key))
          .map(
            ({ key, older: before, newer: after }) =>
              html`<tr>
                <th scope="row">${termOf(key)}</th>
                <td data-label="${left}">
                  ${before === undefined ? shown(undefined, codes) : html`<del><span class="hidden">ancien : </span>${valueThen(section, before)}</del>`}
                </td>
                <td data-label="${right}">
                  ${after === undefined ? shown(undefined, codes) : html`<ins><span class="hidden">nouveau : </span>${valueThen(section, after)}</ins>`}
                </td>
              </tr>`,
          )}
      </tbody>
    </table>`;
}

function raw(section: OfferSection, { identifier, read }: PastOffer): Html | null {
  const body = bodyOf(section, read);
  if (body === null) return null;
  return html`<details>
    <summary>Contenu FHIR de l’offre ${identifier}, tel que lu</summary>
    <pre tabindex="0">${JSON.stringify(JSON.parse(body), null, 2)}</pre>
  </details>`;
}
