import { isJsonObject, type Json } from '../domain/json.js';
import { plain } from './body.js';
import { sameLetters } from './code-names.js';

export interface RenamedLabel {
  readonly code: string;
  readonly was: string;
  readonly now: string;
}

/**
 * Codes whose label is another one than what we sent, typography aside, where the repository still shows what we sent. A
 * repository that keeps labels of its own, or none, is left alone: what we write there would never be seen.
 */
export function renamedLabels(values: {
  readonly sent: Json;
  readonly remote: Json;
  readonly desired: Json;
}): RenamedLabel[] {
  const [sent, remote] = [labelsOf(plain(values.sent)), labelsOf(plain(values.remote))];
  return [...labelsOf(plain(values.desired))].flatMap(([name, { code, display: now }]) => {
    const was = sent.get(name)?.display;
    const shown = remote.get(name)?.display;
    if (was === undefined || shown === undefined || !sameLetters(was, shown)) return [];
    return sameLetters(was, now) ? [] : [{ code, was, now }];
  });
}

interface Label {
  readonly code: string;
  readonly display: string;
}

/** Labels of every coding inside a value, by system and code. */
function labelsOf(value: Json, found = new Map<string, Label>()): Map<string, Label> {
  if (Array.isArray(value)) for (const item of value as Json[]) labelsOf(item, found);
  else if (isJsonObject(value)) {
    const { system, code, display } = value;
    if (typeof system === 'string' && typeof code === 'string' && typeof display === 'string')
      found.set(`${system}|${code}`, { code, display });
    for (const item of Object.values(value)) labelsOf(item, found);
  }
  return found;
}
