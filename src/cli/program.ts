import type { Command } from 'commander';
import { codeVersion } from '../runs/code-version.js';
import type { CommandContext } from './context.js';
import { frenchProgram } from './french.js';

const HELP = `
Exemples :
  filror sync --region 28 --dry-run
  filror changes --region 28
  filror help approve`;

type Register = (program: Command, context: CommandContext) => void;

/** What registers commands, read only when asked for: most of the time of a short command was reading the others. */
interface Family {
  /** First words that it answers to. */
  readonly names: readonly string[];
  readonly load: () => Promise<Register>;
}

/** In the order of the help. */
const FAMILIES: readonly Family[] = [
  { names: ['sync'], load: async () => (await import('./sync.js')).registerSync },
  { names: ['changes', 'show'], load: async () => (await import('./changes.js')).registerChanges },
  {
    names: ['attach', 'create', 'complete', 'same', 'different', 'withdraw', 'close'],
    load: async () => (await import('./answers.js')).registerAnswers,
  },
  { names: ['reopen'], load: async () => (await import('./reopen.js')).registerReopen },
  { names: ['undo'], load: async () => (await import('./undo.js')).registerUndo },
  { names: ['approve', 'reject'], load: async () => (await import('./decisions.js')).registerDecisions },
  { names: ['agree'], load: async () => (await import('./agree.js')).registerAgree },
  { names: ['apply'], load: async () => (await import('./apply.js')).registerApply },
  { names: ['queue'], load: async () => (await import('./queue.js')).registerQueue },
  { names: ['task'], load: async () => (await import('./task.js')).registerTask },
  {
    names: ['match'],
    load: async () => {
      const [{ registerMatch }, { registerMatchTry }, { readEstablishments }, { loadConfig }] =
        await Promise.all([
          import('./match.js'),
          import('./match-try.js'),
          import('./establishments.js'),
          import('../config/load.js'),
        ]);
      return (program, context) => {
        registerMatch(program, context);
        registerMatchTry(program, {
          readEstablishments,
          loadOptions: (folder) => loadConfig(folder).matching,
        });
      };
    },
  },
  { names: ['sources', 'source'], load: async () => (await import('./sources.js')).registerSources },
  { names: ['order'], load: async () => (await import('./order.js')).registerOrder },
  { names: ['mirror'], load: async () => (await import('./mirror.js')).registerMirror },
  { names: ['visible'], load: async () => (await import('./visible.js')).registerVisible },
  { names: ['show-at'], load: async () => (await import('./show-at.js')).registerShowAt },
  { names: ['tableur'], load: async () => (await import('./tableur.js')).registerTableur },
  { names: ['offers'], load: async () => (await import('./offers.js')).registerOffers },
  { names: ['plan'], load: async () => (await import('./plan.js')).registerPlan },
  { names: ['schedule'], load: async () => (await import('./schedule.js')).registerSchedule },
  { names: ['publish'], load: async () => (await import('./publish.js')).registerPublish },
  { names: ['serve'], load: async () => (await import('./serve.js')).registerServe },
  { names: ['grant'], load: async () => (await import('./grant.js')).registerGrant },
  { names: ['mail'], load: async () => (await import('./mail.js')).registerMail },
  { names: ['journal'], load: async () => (await import('./journal.js')).registerJournal },
  { names: ['diff'], load: async () => (await import('./diff.js')).registerDiff },
  { names: ['codes'], load: async () => (await import('./codes.js')).registerCodes },
  { names: ['config'], load: async () => (await import('./config.js')).registerConfig },
  { names: ['region'], load: async () => (await import('./region-check.js')).registerRegion },
  { names: ['sandbox'], load: async () => (await import('./sandbox.js')).registerSandbox },
  { names: ['db'], load: async () => (await import('./db.js')).registerDb },
  { names: ['demo'], load: async () => (await import('./demo.js')).registerDemo },
];

/**
 * The commands of filror, ready to parse.
 * @param words what was typed; its first word chooses what is read, and without a known one every command is there
 */
export async function filrorProgram(
  context: CommandContext,
  words: readonly string[] = [],
): Promise<Command> {
  const program = frenchProgram('filror', codeVersion)
    .description(
      'Tient à jour, dans le ROR, la description des centres maladies rares : collecter, planifier, approuver, envoyer, prouver.',
    )
    .addHelpText('after', HELP);
  const asked = FAMILIES.filter(({ names }) => names.includes(words[0] ?? ''));
  for (const register of await Promise.all((asked.length > 0 ? asked : FAMILIES).map(({ load }) => load())))
    register(program, context);
  return program;
}
