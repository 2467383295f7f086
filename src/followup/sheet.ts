import type { Agreement } from '../db/agreements.js';
import type { StoredChange } from '../db/changes.js';
import {
  KIND_WORDS,
  type ElementChange,
  type Provenance,
  type Reason,
  offerOfTarget,
} from '../domain/change.js';
import type { Json } from '../domain/json.js';
import { locatorText } from '../domain/locator.js';
import type { CodeBook } from '../ror/codes.js';
import { describe, type Described } from '../ror/describe.js';
import { termOf, termRank } from '../ror/terms.js';
import { CHANNEL_WORDS } from './agree.js';
import { frenchDay, parisDay } from '../domain/time.js';

/** What a sheet says of a centre. */
export interface SheetCentre {
  readonly id: string;
  readonly title: string;
  readonly network: string | null;
  readonly filiere: string;
  readonly label: string;
  readonly campaign: number | null;
}

export interface SheetSite {
  readonly eg: string;
  readonly name: string;
  readonly town: string;
}

/** Everything a sheet is made from; the same facts always give the same sheet. */
export interface SheetFacts {
  readonly region: { readonly code: string; readonly name: string };
  readonly change: StoredChange;
  readonly centres: readonly SheetCentre[];
  /** Sites of the centres, by FINESS number. */
  readonly sites: readonly SheetSite[];
  /** Instants of the approvals that count. */
  readonly approvedAt: readonly Date[];
  readonly agreement: Agreement | null;
  readonly transmittedAt: Date;
  readonly expiresAt: Date;
  readonly owner: string | null;
  /** To whom an annotated sheet goes back: a service or a function. */
  readonly returnTo: string | null;
}

export interface SheetElement {
  readonly key: string;
  /** Term of the ROR's model: what to look for on the screen. */
  readonly term: string;
  readonly act: 'type' | 'replace' | 'remove';
  /** What is to be done, in French. */
  readonly instruction: string;
  readonly before: Described | null;
  readonly after: Described | null;
  /** Text to paste as it stands; null when codes or words are to be chosen. */
  readonly paste: string | null;
  readonly assumed: boolean;
  /** Where the value comes from: source, line, date, proof. */
  readonly sources: readonly string[];
}

/** An entry sheet: what to type where, for one offer (DESIGN 3 (10)). Stable format, for people's tools. */
export interface Sheet {
  readonly format: 'filror.sheet/1';
  readonly region: { readonly code: string; readonly name: string };
  readonly change: string;
  readonly hash: string;
  readonly kind: StoredChange['kind'];
  readonly title: string;
  readonly offer: string | null;
  readonly sites: readonly SheetSite[];
  readonly centres: readonly SheetCentre[];
  readonly elements: readonly SheetElement[];
  readonly approved: string;
  readonly agreement: string | null;
  readonly transmittedOn: string;
  readonly expiresOn: string;
  readonly owner: string | null;
  readonly returnTo: string;
  readonly notes: readonly string[];
}

const KIND_TITLES: Readonly<Record<StoredChange['kind'], string>> = {
  create: 'Créer une offre',
  attach: 'Compléter une offre qui existe',
  modify: 'Modifier une offre',
  enrich: 'Enrichir une offre',
  withdraw: 'Retirer un label d’une offre',
  close: 'Fermer une offre',
};

/**
 * The sheet of a change: its elements in the order of the screen, each in the field's French term with code, label and
 * system, what stands there now and what is wanted. It says who approved by role only: it leaves the platform (rule 9).
 */
export function sheetOf(facts: SheetFacts, codes: CodeBook): Sheet {
  const { change, agreement } = facts;
  const offer = offerOfTarget(change.target);
  const elements = change.elements
    .filter((element) => element.channel === 'ror')
    .map((element) => sheetElement(element, facts, codes))
    .sort((a, b) => termRank(a.key) - termRank(b.key) || (a.key < b.key ? -1 : 1));
  return {
    format: 'filror.sheet/1',
    region: { code: facts.region.code, name: facts.region.name },
    change: change.id,
    hash: change.hash,
    kind: change.kind,
    title: `${KIND_TITLES[change.kind]} (${KIND_WORDS[change.kind].word})`,
    offer,
    sites: facts.sites,
    centres: facts.centres,
    elements,
    approved: approvedText(facts),
    agreement: agreement?.verdict === 'agree' ? agreementText(agreement) : null,
    transmittedOn: parisDay(facts.transmittedAt),
    expiresOn: parisDay(facts.expiresAt),
    owner: facts.owner,
    returnTo: facts.returnTo ?? 'l’équipe qui vous l’a transmise',
    notes: change.reasons.filter((reason) => !reason.blocking).map((reason) => noteOf(reason, facts)),
  };
}

/**
 * What the plan remarked, for whoever types: a hospital runs no command, and what a plan could not look up is looked up on
 * the screen.
 */
function noteOf(reason: Reason, { sites }: SheetFacts): string {
  if (reason.code !== 'providerAbsent') return reason.message;
  const named = sites.map((site) => `${site.name} (FINESS ${site.eg})`).join(', ');
  return `Vérifiez d’abord que ${named === '' ? 'le site' : named} existe dans le ROR ; sinon, demandez sa création au référent ROR de la région.`;
}

function sheetElement(element: ElementChange, facts: SheetFacts, codes: CodeBook): SheetElement {
  const { key, before, after, operation } = element;
  const act = operation === 'add' ? 'type' : operation === 'replace' ? 'replace' : 'remove';
  const block = key.startsWith('comment[');
  return {
    key,
    term: termOf(key),
    act,
    instruction: block ? BLOCK_ACTS[act] : ACTS[act],
    before: before === undefined ? null : described(key, before, facts, codes),
    after: after === undefined ? null : described(key, after, facts, codes),
    paste: pasted(key, after),
    assumed: element.assumed,
    sources: element.provenance.map(sourceText),
  };
}

const ACTS: Readonly<Record<SheetElement['act'], string>> = {
  type: 'Ajouter',
  replace: 'Remplacer par',
  remove: 'Retirer',
};
const BLOCK_ACTS: Readonly<Record<SheetElement['act'], string>> = {
  type: 'Coller cette ligne à la fin du commentaire, telle quelle, sans rien ôter de ce qui y est',
  replace:
    'Remplacer, dans le commentaire, la ligne qui porte le même identifiant par celle-ci, telle quelle',
  remove: 'Retirer cette ligne du commentaire, et elle seule',
};

/** The carrier and the place are references of the repository: a person knows the hospital by its name. */
function described(key: string, value: Json, facts: SheetFacts, codes: CodeBook): Described {
  const plain = describe(value, codes);
  const [site] = facts.sites;
  if (site === undefined || !(key === 'providedBy' || key.startsWith('location#'))) return plain;
  return { ...plain, lines: [`${site.name}, ${site.town} (FINESS ${site.eg})`, ...plain.lines] };
}

/** Names, comments and addresses are typed as they are: one wrong sign and the re-reading finds another value. */
function pasted(key: string, after: Json | undefined): string | null {
  if (typeof after !== 'string') return null;
  return key === 'name' || key.startsWith('comment') ? after : null;
}

function sourceText(provenance: Provenance): string {
  const { kind, origin, locator, date } = provenance;
  if (kind === 'decision')
    return `décision d’une personne habilitée${date === undefined ? '' : `, ${frenchDay(date)}`}`;
  if (kind === 'rule') return `règle écrite ${origin}`;
  return [
    `source ${origin}`,
    locator === undefined ? null : locatorText(locator),
    date === undefined ? null : frenchDay(date),
    provenance.snapshot === undefined ? null : `empreinte ${provenance.snapshot.slice(0, 12)}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

function approvedText({ approvedAt, change }: SheetFacts): string {
  const days = [...new Set(approvedAt.map(parisDay))].join(', ');
  const people =
    approvedAt.length > 1 ? `${approvedAt.length} personnes habilitées` : 'une personne habilitée';
  return `Approuvé par ${people} à la relecture (quorum ${change.quorum}), le ${days}.`;
}

function agreementText({ givenBy, givenOn, channel, document }: Agreement): string {
  const how = [channel === null ? null : CHANNEL_WORDS[channel], document.name ?? document.reference];
  return `Accord de l’établissement donné le ${frenchDay(givenOn ?? '')} par ${givenBy ?? ''} (${how.filter((part) => part !== null).join(', ')}).`;
}
