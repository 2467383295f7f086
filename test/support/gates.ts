import { packageRoot, readYaml } from '../../src/config/files.js';
import { gateLevelsSchema } from '../../src/config/schema/gate-rules.js';
import { gateRulesSchema } from '../../src/config/schema/gates.js';
import type { DeploymentCounts, EstablishmentCounts, GateRules } from '../../src/domain/gates.js';

/** The shipped figures and levels of the gates. */
export function shippedGates(): GateRules {
  const file = (name: string): unknown => readYaml(`${packageRoot}/config/${name}`);
  return {
    ...gateRulesSchema.parse(file('gates.yaml')),
    rules: gateLevelsSchema.parse(file('gate-rules.yaml')),
  };
}

/** Counts of a deployment page that hold with the totals of gates.yaml. */
export const heldTable: DeploymentCounts = {
  kind: 'deployment',
  rows: 8,
  setAside: 0,
  delabelled: ['Hôpital d’essai'],
  bamaraSigned: 8,
  bndmrSigned: 8,
  deployed: 5,
  unstated: 2,
};

/** Establishments of each département of the extract of 08/01/2021. */
export const normandie = { '14': 1260, '27': 888, '50': 863, '61': 584, '76': 2043 };
/** Counts of the register that hold with the totals of gates.yaml. */
export const heldRegister: EstablishmentCounts = {
  kind: 'establishments',
  rows: 5638,
  setAside: 0,
  establishments: 5638,
  byDepartement: normandie,
  hospitals: 769,
  region: {
    hospitals: 769,
    hospitalEntities: 221,
    withoutSiret: 129,
    entityElsewhere: 62,
    sitesElsewhere: 4,
  },
};
