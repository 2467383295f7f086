import type { Establishment } from '../domain/establishment.js';
import type { PersonId } from '../domain/ids.js';
import type { MatchResult } from '../domain/matching.js';
import { sha256 } from '../domain/json.js';
import type { CentreObservation } from '../domain/centre.js';
import { fold } from '../normalise/text.js';
import type { MatchIndex } from '../matching/index.js';
import type { Answer } from '../db/answers.js';

/** Where an observation's hospital is, and who said so. */
export interface Place {
  readonly mentionKey: string;
  readonly result: MatchResult;
  readonly ej: string | null;
  readonly eg: string | null;
  /** Person who decided the match, when it was not automatic. */
  readonly decidedBy: PersonId | null;
}

/** What identifies a mention: decided once, a match holds for every row that writes the hospital so. */
export function mentionKey(observation: CentreObservation): string {
  return `mention:${fold(observation.hospital)}|${fold(observation.town ?? '')}|${observation.departement ?? ''}`;
}

type Writing = Pick<CentreObservation, 'hospital' | 'town'>;

/** One hospital as two lists write it: the same name, and no other town. The département is not looked at. */
export function sameWriting(one: Writing, other: Writing): boolean {
  const [a, b] = [fold(one.town ?? ''), fold(other.town ?? '')];
  return (
    fold(one.hospital) !== '' &&
    fold(one.hospital) === fold(other.hospital) &&
    (a === b || a === '' || b === '')
  );
}

/** What `mentionKey` was made of; null for the subject of another kind of answer. */
export function writingOf(key: string): Writing | null {
  const found = /^mention:([^|]*)\|([^|]*)\|/.exec(key);
  return found === null ? null : { hospital: found[1] ?? '', town: found[2] ?? '' };
}

/** Short form for the terminal: `m-1f3a9c02`. */
export function mentionId(key: string): string {
  return `m-${sha256(key).slice(0, 8)}`;
}

/** Matches once per distinct mention, then applies what people decided. */
export class Places {
  private readonly results = new Map<string, MatchResult>();
  private readonly decisions: ReadonlyMap<string, Answer>;
  private readonly byEg: ReadonlyMap<string, Establishment>;
  private readonly byEj = new Map<string, Establishment[]>();

  constructor(
    private readonly index: MatchIndex,
    establishments: readonly Establishment[],
    answers: readonly Answer[],
  ) {
    this.byEg = new Map(establishments.map((establishment) => [establishment.eg, establishment]));
    for (const establishment of this.byEg.values()) {
      const sites = this.byEj.get(establishment.ej);
      if (sites === undefined) this.byEj.set(establishment.ej, [establishment]);
      else sites.push(establishment);
    }
    this.decisions = new Map(
      answers
        .filter((answer) => answer.kind === 'match' || answer.kind === 'matchReject')
        .map((answer) => [answer.subject, answer]),
    );
  }

  of(observation: CentreObservation): Place {
    const key = mentionKey(observation);
    const numbers = `${observation.finessEj ?? ''}|${observation.finessEg ?? ''}`;
    const cached = this.results.get(key + numbers);
    const result =
      cached ??
      this.index.match({
        // A list that gives the town only (gate L5): a town is not an establishment, a person decides.
        mention: observation.hospital === '' ? (observation.town ?? '') : observation.hospital,
        city: observation.town,
        departement: observation.departement,
        finessEj: observation.finessEj,
        finessEg: observation.finessEg,
      });
    this.results.set(key + numbers, result);
    const decision = this.decisions.get(key);
    if (decision?.kind === 'match') {
      return {
        mentionKey: key,
        result,
        ej: String(decision.body['ej']),
        eg: typeof decision.body['eg'] === 'string' ? decision.body['eg'] : null,
        decidedBy: decision.author,
      };
    }
    const certain = decision === undefined && result.outcome === 'auto' ? result.best : null;
    return {
      mentionKey: key,
      result: decision === undefined ? result : { ...result, outcome: 'none', best: null },
      ej: certain?.ej ?? null,
      eg: certain?.eg ?? null,
      decidedBy: decision?.author ?? null,
    };
  }

  /**
   * Legal entities that a list without numbers nor départements names. What people decided of a hospital written so wins
   * over the index, whatever the département of the row they decided on; refused by them, it names none.
   */
  entitiesNamed(hospital: string, town: string | null): readonly string[] {
    const decided = this.entitiesDecided(hospital, town);
    if (decided !== null) return decided;
    const found = this.index.match({ mention: hospital, city: town, departement: null });
    return found.outcome === 'auto' && found.best !== null ? [found.best.ej] : [];
  }

  /** Those that people said of a hospital written so, none when they refused all; null when nobody decided. */
  entitiesDecided(hospital: string, town: string | null): readonly string[] | null {
    const decided = [...this.decisions.values()].filter((answer) => {
      const writing = writingOf(answer.subject);
      return writing !== null && sameWriting(writing, { hospital, town });
    });
    if (decided.length === 0) return null;
    const accepted = decided.filter((answer) => answer.kind === 'match');
    return [...new Set(accepted.map((answer) => String(answer.body['ej'])))];
  }

  /**
   * The legal entity that an establishment named without town certainly is.
   * @param finess number that the list gives of it; null when it gives none, and what people decided holds
   */
  entityNamed(
    hospital: string,
    finess: string | null,
  ): { readonly ej: string | null; readonly reason: string } {
    const decided = finess === null ? this.entitiesDecided(hospital, null) : null;
    if (decided?.length === 1) return { ej: decided[0] ?? null, reason: 'Reconnu par une personne.' };
    if (decided !== null)
      return { ej: null, reason: 'Ce qui a été décidé de ce nom n’en fait pas un seul hôpital.' };
    const mention = { mention: hospital, city: null, departement: null, finessEj: finess };
    const { outcome, best, reason, refusal } = this.index.match(mention);
    return { ej: outcome === 'auto' ? (best?.ej ?? null) : null, reason: refusal?.message ?? reason };
  }

  establishment(eg: string | null): Establishment | null {
    return eg === null ? null : (this.byEg.get(eg) ?? null);
  }

  sitesOf(ej: string): readonly Establishment[] {
    return this.byEj.get(ej) ?? [];
  }
}
