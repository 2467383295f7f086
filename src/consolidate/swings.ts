import type { SwingRules } from '../domain/gates.js';

/** What one delivery says of one thing; `value` is a text that is equal when the thing is. */
export interface Step {
  readonly delivery: number;
  readonly at: Date;
  readonly value: string;
}

/** A value that swings now. */
export interface Swinging {
  /** `held`: the stable value stands in place of the present one. `past`: it was held for as long as it may be. */
  readonly state: 'held' | 'past';
  /** First delivery that said the value held. */
  readonly stable: Step;
  /** First delivery of each value since the stable one, the present one last. */
  readonly swings: readonly Step[];
  /** When the swing was found out. */
  readonly since: Date;
  /** Last day on which it is held, whatever the source does. */
  readonly limit: Date;
  /** When time alone makes this come out otherwise: the value settles, or is followed again. */
  readonly until: Date;
}

const DAY = 24 * 3600 * 1000;

interface Run extends Step {
  /** Place of its first and last delivery in the row of all of them. */
  readonly first: number;
  last: number;
  /** True when its value stood before, since it last was stable. */
  readonly returns: boolean;
}

interface Episode {
  readonly stable: Run;
  readonly since: Date;
}

/**
 * Follows one thing through the deliveries of its source, oldest first. A first change passes at once, and so does any
 * other one to a value that is new; a value that comes back within `deliveries`, for the `returns`-th time, is a swing:
 * the value to which the source first came back is held. It ends when a value stands for `settle` deliveries or `settleDays`
 * days; what was before is then forgotten, so that yearly changes never are a swing.
 * @returns null when the value does not swing at `now`
 */
export function swinging(steps: readonly Step[], rules: SwingRules, now: Date): Swinging | null {
  if (rules.returns === 0) return null;
  let runs: Run[] = [];
  let episode: Episode | null = null;
  for (const [index, step] of steps.entries()) {
    const present = runs.at(-1);
    if (present !== undefined && isSettled(present, step.at, rules)) {
      runs = [present];
      episode = null;
    }
    if (present?.value === step.value) {
      present.last = index;
      if (index - present.first + 1 < rules.settle) continue;
      runs = [present];
      episode = null;
      continue;
    }
    const seen = runs.some(({ value, last }) => value === step.value && last > index - rules.deliveries);
    runs.push({ ...step, first: index, last: index, returns: seen });
    if (episode !== null) continue;
    const returns = runs.filter((run) => run.returns && run.first > index - rules.deliveries);
    if (returns.length < rules.returns) continue;
    const stable = runs.find(({ value }) => value === returns[0]?.value);
    if (stable !== undefined) episode = { stable, since: step.at };
  }
  const present = runs.at(-1);
  if (episode === null || present === undefined || isSettled(present, now, rules)) return null;
  const { stable, since } = episode;
  const limit = after(since, rules.limitDays);
  const settles = after(present.at, rules.settleDays);
  const held = now < limit;
  return {
    state: held ? 'held' : 'past',
    stable: stepOf(stable),
    swings: runs.filter((run) => run.first >= stable.first).map(stepOf),
    since,
    limit,
    until: held && limit < settles ? limit : settles,
  };
}

function isSettled({ at, first, last }: Run, now: Date, rules: SwingRules): boolean {
  return last - first + 1 >= rules.settle || now >= after(at, rules.settleDays);
}

function stepOf({ delivery, at, value }: Run): Step {
  return { delivery, at, value };
}

function after(at: Date, days: number): Date {
  return new Date(at.getTime() + days * DAY);
}
