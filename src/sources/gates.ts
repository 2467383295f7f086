import type { GateFinding, GateResult, GateRules, GatedDelivery } from '../domain/gates.js';
import { centreGates } from './gates-centres.js';
import { deploymentGates } from './gates-deployment.js';
import { finessGates } from './gates-finess.js';
import { shrinkGates } from './gates-shrink.js';

/**
 * Compares one delivery with what is announced and with the delivery before it. Pure; results come in a fixed order and
 * a gate that has nothing to compare with gives none. X14 is apart (`freshnessGate`): it also judges what did not move.
 * @param region INSEE code of the region that the run is for
 */
export function checkGates(rules: GateRules, region: string, delivery: GatedDelivery): readonly GateResult[] {
  return levelled(rules, [...shrinkGates(rules, delivery), ...countGates(rules, region, delivery)]);
}

/** How serious each finding is, as the configuration says. */
export function levelled(
  { rules }: Pick<GateRules, 'rules'>,
  findings: readonly GateFinding[],
): readonly GateResult[] {
  return findings.map(({ strict, ...finding }) => {
    const rule = rules[finding.code];
    return { ...finding, level: strict === true ? (rule.strict ?? rule.level) : rule.level };
  });
}

/** Gates that stop the run with nothing changed. */
export function blockingGates(results: readonly GateResult[]): readonly GateResult[] {
  return results.filter((one) => one.level === 'B' && !one.ok);
}

export function isBlocked(results: readonly GateResult[]): boolean {
  return blockingGates(results).length > 0;
}

function countGates(rules: GateRules, region: string, delivery: GatedDelivery): readonly GateFinding[] {
  const { counts } = delivery;
  switch (counts.kind) {
    case 'centres':
      return centreGates(rules, region, counts, delivery.completeFor);
    case 'deployment':
      return rules.deployment
        .filter((one) => one.region === region)
        .flatMap((one) => deploymentGates(one, counts));
    case 'establishments':
      return finessGates(rules.finess, region, counts, delivery.contentDate);
  }
}
