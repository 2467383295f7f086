import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import type { CodeBook } from './codes.js';
import { isInstant, listOf, OfferCheck, type Finding } from './findings.js';
import { TASK_INPUT } from './task.js';

/** Slices of `Task.input` (profile ror-task 0.7.0): how many there may be, and the value that each takes. */
const INPUTS: Readonly<
  Record<string, { readonly min: number; readonly max: number; readonly value: string }>
> = {
  systemRequester: { min: 1, max: 1, value: 'valueString' },
  ruleErrorId: { min: 0, max: 1, value: 'valueString' },
  pathElementError: { min: 0, max: 1, value: 'valueExpression' },
  errorValue: { min: 0, max: Infinity, value: 'valueString' },
  proposedValue: { min: 0, max: Infinity, value: 'valueString' },
};
const ELEMENTS: ReadonlySet<string> = new Set([
  'resourceType',
  'status',
  'businessStatus',
  'intent',
  'code',
  'description',
  'focus',
  'authoredOn',
  'lastModified',
  'reasonCode',
  'input',
]);
const FOCUS_TYPES: readonly Json[] = ['HealthcareService', 'Organization'];

/** Longest text that a reader is sure to keep; FHIR itself sets none below a megabyte. */
const LONGEST = 4_000;

/**
 * Checks a Task that we create, whole, against profile ror-task 0.7.0, and against what filror writes: nothing else
 * goes out. Stricter than the profile on purpose, as `validateOffer` is.
 * @returns [] when it may be sent
 */
export function validateTask(task: JsonObject, codes: CodeBook): Finding[] {
  const check = new OfferCheck(codes);
  const fault = (element: string, message: string): void =>
    check.fault(
      'TASK_SHAPE',
      element,
      message,
      'signalez ce défaut de filror : le signalement n’est pas envoyé.',
    );
  for (const name of Object.keys(task)) {
    if (!ELEMENTS.has(name)) fault(name, `L’élément ${name} n’est pas de ceux qu’un signalement porte.`);
  }
  if (task['resourceType'] !== 'Task') fault('resourceType', 'Ce n’est pas un signalement (Task).');
  if (task['status'] !== 'requested') fault('status', 'Un signalement naît « requested ».');
  if (task['intent'] !== 'order') fault('intent', 'L’intention d’un signalement est « order ».');
  check.concept('businessStatus', task['businessStatus'], ['TRE_R352']);
  check.concept('code', task['code'], ['TRE_R350']);
  check.concept('reasonCode', task['reasonCode'], ['TRE_R349']);
  for (const name of ['authoredOn', 'lastModified']) {
    if (!isInstant(task[name])) fault(name, 'La date et l’heure, avec leur fuseau, sont obligatoires.');
  }
  if (!isText(task['description']))
    fault('description', `Un texte de 1 à ${LONGEST} caractères est attendu.`);
  checkFocus(task['focus'], fault);
  checkInputs(task, fault);
  return check.findings;
}

type Fault = (element: string, message: string) => void;

function checkFocus(focus: Json | undefined, fault: Fault): void {
  const identifier = isJsonObject(focus) ? focus['identifier'] : undefined;
  const value = isJsonObject(identifier) ? identifier['value'] : undefined;
  if (!isJsonObject(focus) || !FOCUS_TYPES.includes(focus['type'] ?? null) || !isText(value)) {
    fault('focus', 'La fiche en anomalie est nommée par son type et son identifiant.');
  }
}

function checkInputs(task: JsonObject, fault: Fault): void {
  const counts = new Map<string, number>();
  for (const input of listOf(task, 'input')) {
    const code = inputCode(input);
    const slice = code === null ? undefined : INPUTS[code];
    if (code === null || slice === undefined) {
      fault('input', 'Un élément d’entrée inconnu du profil.');
      continue;
    }
    counts.set(code, (counts.get(code) ?? 0) + 1);
    const names = Object.keys(input).filter((name) => name !== 'type');
    const [name = ''] = names;
    const value = slice.value === 'valueExpression' ? expressionOf(input[name]) : input[name];
    if (names.length !== 1 || name !== slice.value || !isText(value)) {
      fault(`input[${code}]`, `Une valeur ${slice.value}, non vide, est attendue.`);
    }
  }
  for (const [code, { min, max }] of Object.entries(INPUTS)) {
    const count = counts.get(code) ?? 0;
    if (count < min || count > max) fault(`input[${code}]`, `${count} fois, entre ${min} et ${max} attendu.`);
  }
}

function inputCode(input: JsonObject): string | null {
  const codings = isJsonObject(input['type']) ? listOf(input['type'], 'coding') : [];
  const [coding, ...others] = codings;
  if (coding === undefined || others.length > 0 || coding['system'] !== TASK_INPUT) return null;
  return typeof coding['code'] === 'string' ? coding['code'] : null;
}

function expressionOf(value: Json | undefined): Json | undefined {
  return isJsonObject(value) && value['language'] === 'text/fhirpath' ? value['expression'] : undefined;
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST;
}
