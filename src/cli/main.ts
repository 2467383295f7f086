#!/usr/bin/env node
import { codeVersion } from '../runs/code-version.js';
import { loadConfig } from '../config/load.js';
import { registerAnswers } from './answers.js';
import { registerApply } from './apply.js';
import { registerChanges } from './changes.js';
import { registerConfig } from './config.js';
import { processContext } from './context.js';
import { registerDb } from './db.js';
import { registerDecisions } from './decisions.js';
import { registerDemo } from './demo.js';
import { registerDiff } from './diff.js';
import { frenchProgram } from './french.js';
import { readEstablishments } from './establishments.js';
import { registerJournal } from './journal.js';
import { registerMatchTry } from './match-try.js';
import { registerMatch } from './match.js';
import { registerMirror } from './mirror.js';
import { registerPlan } from './plan.js';
import { runProgram } from './run-program.js';
import { registerSandbox } from './sandbox.js';
import { registerSync } from './sync.js';

const program = frenchProgram('filror', codeVersion).description(
  'Tient à jour, dans le ROR, la description des centres maladies rares : collecter, planifier, approuver, envoyer, prouver.',
);

registerSync(program, processContext);
registerChanges(program, processContext);
registerAnswers(program, processContext);
registerDecisions(program, processContext);
registerApply(program, processContext);
registerMatch(program, processContext);
registerMatchTry(program, { readEstablishments, loadOptions: (folder) => loadConfig(folder).matching });
registerMirror(program, processContext);
registerPlan(program, processContext);
registerJournal(program, processContext);
registerDiff(program);
registerConfig(program, processContext);
registerSandbox(program);
registerDb(program, processContext);
registerDemo(program, processContext);

await runProgram(program, process.argv);
