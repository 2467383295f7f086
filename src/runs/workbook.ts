import { isZip } from '../sources/reading/workbook/table.js';
import { answersOf } from '../db/answers.js';
import { openChanges, type StoredChange } from '../db/changes.js';
import { centresOfOtherRegions } from '../db/centres.js';
import { PUBLICS } from '../domain/centre.js';
import { DataError, RefusalError } from '../domain/errors.js';
import { canonicalHash } from '../domain/json.js';
import { CodeBook } from '../ror/codes.js';
import type { CentreContact } from '../domain/offer.js';
import {
  ANSWER_FIELDS,
  CONTACT_COLUMNS,
  SHOWN_FIELDS,
  titleOf,
  type AnswerField,
  type Choices,
  type ContactField,
} from '../workbook/columns.js';
import { markOf, sameText } from '../workbook/cells.js';
import { readReturned, type ReturnedLine, type WorkbookFault } from '../workbook/read.js';
import { writeTemplate } from '../workbook/template.js';
import { writeCentres, type CentreLine } from '../workbook/write.js';
import type { GivenAnswer } from './act.js';
import { checkCompletion } from './complete.js';
import { checkedContact, withContact } from './declare-contact.js';
import type { RunContext } from './context.js';
import { plannedCentres } from './planned-centres.js';
import { requireProof } from './reply.js';
import type { CentreIdentity } from './report.js';

/** One answer that a workbook brings: what it would replace is part of it. */
export interface WorkbookEdit {
  readonly centre: string;
  readonly field: AnswerField;
  readonly before: string;
  readonly after: string;
  /** With a campaign only. */
  readonly proof: string | null;
}

export interface WorkbookDiff {
  readonly edits: readonly WorkbookEdit[];
  readonly faults: readonly WorkbookFault[];
  /** Lines that change nothing. */
  readonly unchanged: number;
  /** Binds a confirmation to what was shown. */
  readonly hash: string;
}

/** Answers that a person may give in the workbook, with their lists of choices. */
function choicesOf({ config }: RunContext): Choices<AnswerField> {
  const codes = new CodeBook(config.codes).active('TRE_R227');
  return {
    public: PUBLICS,
    'champ-activite': codes.map(({ code, display }) => activityText(code, display)),
    campagne: campaignsOf(config.review.currentCampaign).map(String),
  };
}

/** Campaigns of labels, five years apart by law but not in fact: 2017, then 2023 (DESIGN 2, "label"). */
export function campaignsOf(current: number): number[] {
  return current > 2017 ? [current, 2017] : [current];
}

/** Our centres, as the last plan knows them, as a workbook that comes back. */
export async function centresWorkbook(run: RunContext): Promise<Buffer> {
  const lines = [...(await presentLines(run)).values()];
  lines.sort((a, b) => sortKey(a).localeCompare(sortKey(b), 'fr'));
  return await writeCentres(lines, { region: run.region, madeAt: run.now(), choices: choicesOf(run) });
}

/** The empty list of a region's first day. */
export async function emptyList({ config, region }: RunContext): Promise<Buffer> {
  return await writeTemplate(
    region,
    Object.keys(config.crosswalk.filieres).sort((a, b) => a.localeCompare(b, 'fr')),
    campaignsOf(config.review.currentCampaign),
  );
}

const sortKey = ({ shown, id }: CentreLine): string =>
  [shown.hopital, shown.filiere, shown.titre, id].join('\u0001');

/**
 * What a returned workbook would change. Empty: unchanged; as it was made, or as things stand: unchanged. A line, or a
 * cell, that cannot be used is told and left out; the others stand.
 */
export async function workbookDiff(
  run: RunContext,
  fileName: string,
  bytes: Uint8Array,
): Promise<WorkbookDiff> {
  if (!isZip(bytes)) throw noWorkbook(fileName);
  const returned = await readReturned(fileName, bytes);
  const present = await presentLines(run);
  const reader = new LineReader(run, present, await openChanges(run.db, run.region.code));
  const unknown = returned.lines.map(({ id }) => id).filter((id) => !present.has(id));
  const elsewhere = await centresOfOtherRegions(run.db, run.region.code, unknown);
  const faults = [...returned.faults];
  const edits: WorkbookEdit[] = [];
  let unchanged = 0;
  for (const line of returned.lines) {
    const read = await reader.read(line, elsewhere);
    edits.push(...read.edits);
    faults.push(...read.faults);
    if (read.edits.length === 0 && read.faults.length === 0) unchanged++;
  }
  faults.sort((a, b) => a.line - b.line);
  return { edits, faults, unchanged, hash: editsHash(edits) };
}

function noWorkbook(place: string): DataError {
  return new DataError({
    code: 'WORKBOOK_OTHER_KIND',
    message: 'Ce fichier n’est pas un classeur (XLSX) : un CSV ou un autre texte n’est pas lu ici.',
    place,
    remedy:
      'redéposez le classeur des centres téléchargé ici, complété et enregistré en .xlsx ; une liste de centres, CSV compris, se dépose dans l’autre formulaire de cette page.',
  });
}

export function editsHash(edits: readonly WorkbookEdit[]): string {
  return canonicalHash(edits);
}

/**
 * The answers of a diff that a person confirmed.
 * @param shown what the person saw; the edits must be it, and each must still replace what it said it would
 * @throws RefusalError `NOT_AS_SHOWN`, DataError `COMPLETE_VALUE`
 */
export async function confirmedAnswers(
  run: RunContext,
  edits: readonly WorkbookEdit[],
  shown: string,
): Promise<GivenAnswer[]> {
  if (editsHash(edits) !== shown) throw notAsShown('ce qui est confirmé n’est pas ce qui a été montré');
  const present = await presentLines(run);
  const changes = await openChanges(run.db, run.region.code);
  const answers: GivenAnswer[] = [];
  const contacts = new Map<string, readonly CentreContact[]>();
  for (const { centre, field, before, after, proof } of edits) {
    const line = present.get(centre);
    if (line === undefined || !sameText(line.answers[field], before))
      throw notAsShown(`${line?.shown.titre ?? centre} a changé entre-temps (${titleOf(field)})`);
    if (isContact(field)) {
      const known = contacts.get(centre) ?? line.contacts;
      contacts.set(centre, withContact(known, contactIn(run, field, after)));
      continue;
    }
    const checked = await checkedEdit(run, changes, line, field, after);
    const kept = field === 'campagne' ? requireProof(proof ?? undefined, 'reconfirmer un label') : null;
    answers.push({
      kind: 'complete',
      subject: centre,
      body: { ...checked.body, ...(kept === null ? {} : { proof: kept }) },
    });
  }
  for (const [centre, value] of contacts)
    answers.push({
      kind: 'complete',
      subject: centre,
      // What proves it is the workbook that its author handed over and confirmed.
      body: { field: 'contacts', value, proof: 'classeur des centres, déposé et confirmé' },
    });
  return answers;
}

const isContact = (field: AnswerField): field is ContactField => field in CONTACT_COLUMNS;

/** @throws DataError `CONTACT_VALUE` */
function contactIn(
  { config }: Pick<RunContext, 'config'>,
  field: ContactField,
  value: string,
): CentreContact {
  return checkedContact(new CodeBook(config.codes), { ...CONTACT_COLUMNS[field], value });
}

function notAsShown(why: string): RefusalError {
  return new RefusalError({
    code: 'NOT_AS_SHOWN',
    message: `Rien n’a été enregistré : ${why}.`,
    remedy: 'redéposez le classeur, relisez ce qui changerait, puis confirmez.',
  });
}

interface ReadLine {
  readonly edits: WorkbookEdit[];
  readonly faults: WorkbookFault[];
}

class LineReader {
  constructor(
    readonly run: RunContext,
    readonly present: ReadonlyMap<string, PresentLine>,
    readonly changes: readonly StoredChange[],
  ) {}

  async read(line: ReturnedLine, elsewhere: ReadonlySet<string>): Promise<ReadLine> {
    const { landmark } = line;
    const about = this.present.get(line.id);
    const whole = (column: string, message: string, remedy: string): ReadLine => ({
      edits: [],
      faults: [{ line: line.line, column, message, remedy }],
    });
    if (elsewhere.has(line.id) || (landmark !== null && landmark.region !== this.run.region.code))
      return whole(
        titleOf('id'),
        `« ${line.id.slice(0, 60)} » est un centre d’une autre région.`,
        `ouvrez la page de cette région, ou téléchargez le classeur de ${this.run.region.name}.`,
      );
    if (about === undefined)
      return whole(
        titleOf('id'),
        `« ${line.id.slice(0, 60)} » n’est l’identifiant d’aucun centre du plan de ${this.run.region.name}.`,
        'téléchargez de nouveau le classeur : les identifiants ne se modifient pas.',
      );
    if (landmark === null)
      return whole(
        titleOf('repere'),
        'Le repère de cette ligne a été ôté ou modifié : rien ne dit de quoi elle partait.',
        'téléchargez de nouveau le classeur, et reportez-y cette ligne.',
      );
    const faults = overwritten(line);
    const edits: WorkbookEdit[] = [];
    for (const field of ANSWER_FIELDS) {
      const text = line.texts[field] ?? '';
      const exported = landmark.answers[field];
      if (text === '' || sameText(text, exported) || sameText(text, about.answers[field])) continue;
      const outcome = await this.#edit(line, about, field, text);
      if (outcome === null) continue;
      if ('message' in outcome) faults.push(outcome);
      else if (!sameText(exported, about.answers[field])) faults.push(stale(line, field, exported, about));
      else edits.push(outcome);
    }
    const proof = line.texts.preuve ?? '';
    if (proof !== '' && faults.length === 0 && !edits.some(({ field }) => field === 'campagne'))
      faults.push({
        line: line.line,
        column: titleOf('preuve'),
        message: 'Cette preuve n’accompagne aucune campagne changée : elle ne compterait pas.',
        remedy: 'changez la campagne attestée, ou videz la preuve.',
      });
    return { edits, faults };
  }

  /** Null: the same value, written otherwise. */
  async #edit(
    line: ReturnedLine,
    about: PresentLine,
    field: AnswerField,
    text: string,
  ): Promise<WorkbookEdit | WorkbookFault | null> {
    const proof = line.texts.preuve ?? '';
    const at = { line: line.line, column: titleOf(field) };
    try {
      const { after } = await checkedEdit(this.run, this.changes, about, field, text);
      if (sameText(after, about.answers[field])) return null;
      if (field === 'campagne' && proof === '')
        return {
          line: line.line,
          column: titleOf('preuve'),
          message: `La campagne ${after} est attestée sans preuve.`,
          remedy: 'donnez-la dans cette colonne : acte, date, page.',
        };
      return {
        centre: line.id,
        field,
        before: about.answers[field],
        after,
        proof: field === 'campagne' ? proof.slice(0, 2000) : null,
      };
    } catch (error) {
      if (error instanceof DataError) return { ...at, message: error.message, remedy: error.remedy };
      throw error;
    }
  }
}

/** A grey cell that somebody typed over: nothing of it is read, and it is told. */
function overwritten(line: ReturnedLine): WorkbookFault[] {
  return SHOWN_FIELDS.flatMap((field) => {
    const text = line.texts[field];
    const mark = line.landmark?.shown[field];
    if (text === undefined || text === '' || mark === markOf(text)) return [];
    return [
      {
        line: line.line,
        column: titleOf(field),
        message: 'Cette colonne ne se corrige pas ici : le texte écrit n’est pas lu.',
        remedy: 'corrigez la liste des centres (la source), puis déposez-la.',
      },
    ];
  });
}

function stale(line: ReturnedLine, field: AnswerField, exported: string, about: PresentLine): WorkbookFault {
  const word = (text: string): string => (text === '' ? 'vide' : `« ${text} »`);
  return {
    line: line.line,
    column: titleOf(field),
    message: `Le centre a changé depuis que ce classeur a été téléchargé : ${word(exported)} est devenu ${word(about.answers[field])}.`,
    remedy: 'téléchargez de nouveau le classeur, et décidez à partir de la valeur d’aujourd’hui.',
  };
}

interface CheckedEdit {
  readonly body: { readonly field: string; readonly value: unknown };
  /** The value as the workbook writes it. */
  readonly after: string;
}

/** One answer, checked as `filror complete` does. @throws DataError `COMPLETE_VALUE` */
async function checkedEdit(
  run: RunContext,
  changes: readonly StoredChange[],
  about: PresentLine,
  field: AnswerField,
  text: string,
): Promise<CheckedEdit> {
  const codes = new CodeBook(run.config.codes);
  if (isContact(field)) {
    const contact = contactIn(run, field, text);
    return { body: { field: 'contacts', value: contact }, after: contact.value };
  }
  // A hospital that is still a question is answered by naming the site of the right one.
  const name = field === 'site' && about.ej === null ? 'etablissement' : field;
  const value =
    field === 'champ-activite'
      ? (/^[^\s–]+/.exec(text)?.[0] ?? text)
      : field === 'site'
        ? text.replaceAll(/\s/g, '')
        : text;
  const candidates = changes
    .filter(({ centres }) => centres.some((id) => id === about.id))
    .flatMap(({ reasons }) => reasons)
    .filter((reason) => reason.field === 'site' || reason.field === 'establishment')
    .flatMap((reason) => (reason.candidates ?? []).map((each) => each.value));
  const body = await checkCompletion(run, codes, `${name}=${value}`, { ej: about.ej, candidates });
  return { body, after: writtenValue(codes, body.field, body.value) };
}

type PresentLine = CentreLine & {
  readonly ej: string | null;
  /** All that were declared, those without a column included. */
  readonly contacts: readonly CentreContact[];
};

/** Every centre of the last plan with its answers as they stand. */
async function presentLines(
  run: Pick<RunContext, 'db' | 'region' | 'config'>,
): Promise<Map<string, PresentLine>> {
  const codes = new CodeBook(run.config.codes);
  const completed = new Map<string, unknown>();
  for (const { kind, subject, body } of await answersOf(run.db, run.region.code))
    if (kind === 'complete') completed.set(`${subject} ${String(body['field'])}`, body['value']);
  const centres = Object.values(await plannedCentres(run));
  return new Map(
    centres.map((centre) => {
      const answer = (field: string): string =>
        writtenValue(codes, field, completed.get(`${centre.id} ${field}`));
      const contacts = (completed.get(`${centre.id} contacts`) ?? []) as readonly CentreContact[];
      return [centre.id, presentLine(centre, answer, contacts)];
    }),
  );
}

function presentLine(
  centre: CentreIdentity,
  answer: (field: string) => string,
  contacts: readonly CentreContact[],
): PresentLine {
  const contact = (field: ContactField): string => {
    const { nature, channel } = CONTACT_COLUMNS[field];
    return contacts.find((each) => each.nature === nature && each.channel === channel)?.value ?? '';
  };
  return {
    id: centre.id,
    ej: centre.ej,
    contacts,
    shown: {
      titre: centre.title,
      reseau: centre.network ?? '',
      filiere: centre.filiere,
      label: centre.label,
      hopital: centre.hospital,
      ville: centre.town ?? '',
    },
    answers: {
      public: centre.public ?? '',
      site: centre.eg ?? '',
      'champ-activite': answer('activityField'),
      familles: answer('families'),
      secretariat: contact('secretariat'),
      'rendez-vous': contact('rendez-vous'),
      'avis-medical': contact('avis-medical'),
      mssante: contact('mssante'),
      campagne: centre.campaign === null ? '' : String(centre.campaign),
    },
  };
}

function writtenValue(codes: CodeBook, field: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (field === 'activityField')
    return activityText(String(value), codes.find('TRE_R227', String(value))?.display ?? '');
  return Array.isArray(value) ? value.join(', ') : String(value);
}

const activityText = (code: string, display: string): string =>
  display === '' ? code : `${code} – ${display}`;
