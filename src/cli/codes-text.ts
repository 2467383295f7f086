import { counted } from '../domain/counted.js';
import { frenchDay } from '../domain/time.js';
import { CodeBook } from '../ror/codes.js';
import {
  differs,
  type CodeDifference,
  type CodeMove,
  type SystemDifference,
} from '../ror/terminology/compare.js';
import { useKey, type CodeUses } from '../runs/code-uses.js';
import type { CodesCompared } from '../runs/code-systems.js';

/** Sign and word, never colour alone. */
const MOVES: Readonly<Record<CodeMove, { readonly sign: string; readonly word: string }>> = {
  new: { sign: '+', word: 'nouveau' },
  reactivated: { sign: '+', word: 'remis en vigueur' },
  renamed: { sign: '~', word: 'renommé' },
  succession: { sign: '~', word: 'successeur dit' },
  retired: { sign: '−', word: 'retiré' },
  excluded: { sign: '−', word: 'sorti du jeu' },
  gone: { sign: '−', word: 'disparu' },
};

export interface ShownDifference extends Omit<CodeDifference, 'successor'> {
  /** `stated` false: proposed for the nearness of the names, never written in the configuration. */
  readonly successor: { readonly code: string; readonly display: string; readonly stated: boolean } | null;
  /** Where filror writes or recognises the code. */
  readonly uses: readonly string[];
}

export interface ShownSystem extends Omit<SystemDifference, 'differences'> {
  readonly differences: readonly ShownDifference[];
  /** Why « codes pull » would refuse it without --accept-loss; none for one that it would take. */
  readonly refused: readonly string[];
}

/** What touches filror first: codes that it writes or recognises, then the others, each in the order of codes. */
export function shownSystems({ found }: CodesCompared, uses: CodeUses): ShownSystem[] {
  return found.map(({ difference, next, refused }) => {
    const book = new CodeBook([next]);
    const shown = difference.differences.map((each): ShownDifference => {
      const lost = book.find(next.name, each.code)?.status === 'deprecated';
      const heir = lost ? book.inForce(next.name, each.code) : null;
      const display = heir === null ? undefined : book.find(next.name, heir.code)?.display;
      return {
        ...each,
        uses: uses.get(useKey(difference.name, each.code)) ?? [],
        successor:
          heir === null || display === undefined ? null : { code: heir.code, display, stated: heir.stated },
      };
    });
    const touched = shown.filter((each) => each.uses.length > 0);
    const others = shown.filter((each) => each.uses.length === 0);
    return { ...difference, differences: [...touched, ...others], refused };
  });
}

/** One block per nomenclature that differs, one line per code, then what was compared. */
export function differencesText(compared: CodesCompared, systems: readonly ShownSystem[]): string {
  const changed = compared.found.filter(({ difference }) => differs(difference)).map(({ next }) => next.name);
  const lines = systems
    .filter(({ name, notes }) => changed.includes(name) || notes.length > 0)
    .flatMap((system) => [...blockOf(system), '']);
  const same = systems.length - changed.length;
  lines.push(
    changed.length === 0
      ? `Aucune différence : ${counted(systems.length, 'nomenclature comparée', 'nomenclatures comparées')} avec ${compared.from}.`
      : `${counted(changed.length, 'nomenclature')} à reprendre, ${String(same)} sans différence (${compared.from}).`,
  );
  const named = (title: string, which: readonly { readonly name: string }[]): void => {
    if (which.length > 0) lines.push(`${title} : ${which.map(({ name }) => name).join(', ')}.`);
  };
  named(
    'Données en partie, rien n’est conclu d’un code absent',
    systems.filter(({ extent, valueSet }) => extent === 'fragment' && valueSet !== 'read'),
  );
  named(
    'Sans leur jeu de valeurs, les codes nouveaux n’y sont pas comparés',
    systems.filter(({ valueSet }) => valueSet === 'missing'),
  );
  if (compared.absent.length > MANY)
    lines.push(
      `${String(compared.absent.length)} autres nomenclatures suivies ne sont pas données par ce lieu.`,
    );
  else named('Non données par ce lieu', compared.absent);
  return lines.join('\n');
}

/** Beyond so many the place is one file, or a part: their names teach nothing. */
const MANY = 12;

function blockOf(system: ShownSystem): string[] {
  const { name, version, differences, notFollowed, notes, refused } = system;
  const moved = version.after !== null && version.after !== version.before;
  const head = moved ? `version ${version.before} → ${version.after ?? ''}` : `version ${version.before}`;
  return [
    `${name} (${head})`,
    ...differences.flatMap(lineOf),
    ...(notFollowed === 0
      ? []
      : [`  · ${counted(notFollowed, 'autre code', 'autres codes')} en vigueur, hors de ce que filror suit`]),
    ...notes.map((note) => `  · ${note}`),
    ...refused.map((why) => `  ! ${why} : « filror codes pull » le refuse sans --accept-loss`),
  ];
}

function lineOf({ code, move, before, after, on, successor, labelOf, uses }: ShownDifference): string[] {
  const { sign, word } = MOVES[move];
  const label =
    before === null ? (after ?? '') : move === 'renamed' ? `« ${before} » → « ${after ?? ''} »` : before;
  const day = on === null ? '' : ` (le ${frenchDay(on)})`;
  const loses = successor !== null || sign === '−';
  return [
    `  ${sign} ${`${word}${day}`.padEnd(24)} ${code.padEnd(8)} ${label}`,
    ...(labelOf === null ? [] : [`      ! ${movedText(before, labelOf)}`]),
    ...(loses ? [`      ${successorText(successor)}`] : []),
    ...uses.map((use) => `      ${use}`),
  ];
}

/** Offers that bear the one of the two codes would say something else. */
function movedText(before: string | null, labelOf: string): string {
  return before === null
    ? `ce libellé était celui du code ${labelOf}, qui en prend un autre : vérifiez leur sens`
    : `ce libellé était celui du code ${labelOf} : le code changerait de sens`;
}

function successorText(successor: ShownDifference['successor']): string {
  if (successor === null) return 'sans successeur connu : chaque offre concernée posera la question';
  const { code, display, stated } = successor;
  return stated
    ? `remplacé par ${code} ${display}`
    : `successeur supposé, par son libellé : ${code} ${display} (à vérifier ; non écrit dans la configuration)`;
}
