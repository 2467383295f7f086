import type { Command } from 'commander';
import { codeVersion } from '../runs/code-version.js';
import { loadConfig } from '../config/load.js';
import { registerAgree } from './agree.js';
import { registerAnswers } from './answers.js';
import { registerApply } from './apply.js';
import { registerChanges } from './changes.js';
import { registerConfig } from './config.js';
import type { CommandContext } from './context.js';
import { registerDb } from './db.js';
import { registerDecisions } from './decisions.js';
import { registerDemo } from './demo.js';
import { registerDiff } from './diff.js';
import { frenchProgram } from './french.js';
import { readEstablishments } from './establishments.js';
import { registerGrant } from './grant.js';
import { registerJournal } from './journal.js';
import { registerMail } from './mail.js';
import { registerMatchTry } from './match-try.js';
import { registerMatch } from './match.js';
import { registerMirror } from './mirror.js';
import { registerPlan } from './plan.js';
import { registerQueue } from './queue.js';
import { registerRegion } from './region-check.js';
import { registerReopen } from './reopen.js';
import { registerUndo } from './undo.js';
import { registerSandbox } from './sandbox.js';
import { registerSchedule } from './schedule.js';
import { registerServe } from './serve.js';
import { registerSync } from './sync.js';
import { registerTableur } from './tableur.js';
import { registerTask } from './task.js';
import { registerVisible } from './visible.js';

const HELP = `
Exemples :
  filror sync --region 28 --dry-run
  filror changes --region 28
  filror help approve`;

/** Every command of filror, ready to parse: tests walk it, `main.ts` runs it. */
export function filrorProgram(context: CommandContext): Command {
  const program = frenchProgram('filror', codeVersion)
    .description(
      'Tient à jour, dans le ROR, la description des centres maladies rares : collecter, planifier, approuver, envoyer, prouver.',
    )
    .addHelpText('after', HELP);

  registerSync(program, context);
  registerChanges(program, context);
  registerAnswers(program, context);
  registerReopen(program, context);
  registerUndo(program, context);
  registerDecisions(program, context);
  registerAgree(program, context);
  registerApply(program, context);
  registerQueue(program, context);
  registerTask(program, context);
  registerMatch(program, context);
  registerMatchTry(program, { readEstablishments, loadOptions: (folder) => loadConfig(folder).matching });
  registerMirror(program, context);
  registerVisible(program, context);
  registerTableur(program, context);
  registerPlan(program, context);
  registerSchedule(program, context);
  registerServe(program, context);
  registerGrant(program, context);
  registerMail(program, context);
  registerJournal(program, context);
  registerDiff(program);
  registerConfig(program, context);
  registerRegion(program, context);
  registerSandbox(program);
  registerDb(program, context);
  registerDemo(program, context);
  return program;
}
