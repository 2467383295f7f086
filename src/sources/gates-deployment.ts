import type { AnnouncedDeployment, DeploymentCounts, GateFinding } from '../domain/gates.js';
import { whole } from './gates-words.js';

/**
 * N5 to N7. All alerts: the table is a table of deployment, it closes nothing. N8 and N9 need the matched centres: the
 * plan raises them as alerts (src/runs/alerts.ts).
 */
export function deploymentGates(
  announced: AnnouncedDeployment,
  counts: DeploymentCounts,
): readonly GateFinding[] {
  const when = `(${announced.date})`;
  const rows = `${whole(counts.rows)} hôpitaux, dont ${whole(counts.delabelled.length)} délabellisé`;
  const signed = `${whole(counts.bamaraSigned)} BaMaRa et ${whole(counts.bndmrSigned)} BNDMR signées`;
  const deployed = `${whole(counts.deployed)} déployés, ${whole(counts.unstated)} sans réponse`;
  return [
    {
      code: 'N5',
      ok: counts.rows === announced.hospitals && counts.delabelled.length === announced.delabelled,
      expected: `${whole(announced.hospitals)} hôpitaux, dont ${whole(announced.delabelled)} délabellisé`,
      found: rows,
      message: `${rows}, pour ${whole(announced.hospitals)} et ${whole(announced.delabelled)} ${when}`,
    },
    {
      code: 'N6',
      ok: counts.bamaraSigned === announced.signed && counts.bndmrSigned === announced.signed,
      expected: `${whole(announced.signed)} BaMaRa et ${whole(announced.signed)} BNDMR signées`,
      found: signed,
      message: `conventions : ${signed}, pour ${whole(announced.signed)} et ${whole(announced.signed)} ${when}`,
    },
    {
      code: 'N7',
      ok: counts.deployed === announced.deployed && counts.unstated === announced.unstated,
      expected: `${whole(announced.deployed)} déployés, ${whole(announced.unstated)} sans réponse`,
      found: deployed,
      message: `${deployed}, pour ${whole(announced.deployed)} et ${whole(announced.unstated)} ${when}`,
    },
  ];
}
