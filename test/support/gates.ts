import { packageRoot, readYaml } from '../../src/config/files.js';
import { gateLevelsSchema } from '../../src/config/schema/gate-rules.js';
import { gateRulesSchema } from '../../src/config/schema/gates.js';
import type { GateRules } from '../../src/domain/gates.js';

/** The shipped figures and levels of the gates. */
export function shippedGates(): GateRules {
  const file = (name: string): unknown => readYaml(`${packageRoot}/config/${name}`);
  return {
    ...gateRulesSchema.parse(file('gates.yaml')),
    rules: gateLevelsSchema.parse(file('gate-rules.yaml')),
  };
}
