import type { ConsolidatedCentre } from '../consolidate/centre.js';
import { keyOf } from '../consolidate/identity.js';
import { addCentres } from '../db/centres.js';
import { openChanges, type StoredChange } from '../db/changes.js';
import { currentDeliveries } from '../db/deliveries.js';
import { cursors, finishRun, recordStep, savePlanInput, type PlanInputRow } from '../db/runs.js';
import type { Trx } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import { appendAll, type JournalEntry } from '../journal/append.js';
import { codeVersion } from './code-version.js';
import type { RunContext } from './context.js';
import { gather } from './gather.js';
import { resourceLines, resourcesHash } from './export.js';
import type { Material } from './material.js';
import { propose, type Proposal } from './propose.js';
import type { CentreIdentity, RunReport, SourceReport } from './report.js';
import { journalPlan, storePlan } from './store.js';
import { standingOf } from './standing.js';
import { quietSentence, summarySentence } from './summary.js';

/** What a run knows before planning. */
export type ReportBasis = Pick<RunReport, 'sources' | 'gates' | 'mirror'> & {
  /** When lists and repository were last compared: now, or before when a person's answer alone makes this plan. */
  readonly checkedAt: Date;
};

/**
 * Design steps 5 to 8 for one region, inside the caller's transaction: gather, propose, promote, journal last. The journal
 * has one head for the whole server: an entry before the planning would keep every other writer waiting for seconds.
 * @param led what led to this plan in the same transaction: journalled just before it
 * @throws RefusalError `TOO_MANY_WITHDRAWALS`
 */
export async function planRegion(
  context: RunContext,
  runId: string,
  instant: Date,
  basis: ReportBasis,
  led: readonly JournalEntry[] = [],
): Promise<{ readonly report: RunReport; readonly changes: readonly StoredChange[] }> {
  const { db, region, config } = context;
  const startedAt = context.now();
  const deliveries = await currentDeliveries(db, region.code);
  // Taken before anything is read, so that what another process adds meanwhile belongs to the next plan, whole.
  const asOf: Omit<PlanInputRow, 'resources_hash'> = {
    deliveries: Object.fromEntries([...deliveries].map(([source, delivery]) => [source, delivery.no])),
    config_hash: config.hash,
    code_version: codeVersion,
    ...(await cursors(db, region.code)),
    instant,
  };
  const material = await gather(db, config, region, instant, asOf);
  const proposal = propose(material, context.newId.centre);
  refuseMassWithdrawal(proposal, material);
  await addCentres(db, region.code, runId, proposal.seen.assignments);
  const delta = await storePlan(
    db as Trx,
    region.code,
    runId,
    proposal.changes,
    config,
    instant,
    context.newId.change,
  );
  // The keys that this plan itself gave to new centres are part of what it can be replayed from.
  const { centre_key_no } = await cursors(db, region.code);
  const resources_hash = resourcesHash(resourceLines(proposal, material));
  const input: PlanInputRow = { ...asOf, centre_key_no, resources_hash };
  await savePlanInput(db, region.code, runId, input);
  const changes = await openChanges(db, region.code);
  const quiet = delta.opened.length + delta.superseded.length === 0;
  const standing = await standingOf(
    context,
    { alerts: proposal.alerts, mirror: basis.mirror },
    basis.checkedAt,
  );
  const sentence = quiet ? quietSentence : summarySentence;
  const report = reportOf(proposal, basis, sentence(changes, standing));
  await recordStep(db, {
    region: region.code,
    runId,
    step: 'plan',
    startedAt,
    finishedAt: context.now(),
    counts: { opened: delta.opened.length, kept: delta.kept.length, superseded: delta.superseded.length },
  });
  await finishRun(db, region.code, runId, { state: 'done', finishedAt: context.now(), report });
  await appendAll(db as Trx, led);
  await journalPlan(db as Trx, {
    region: region.code,
    runId,
    actor: context.actor?.id ?? null,
    summary: report.summary,
    input: { ...input, instant: instant.toISOString() },
    delta,
    changes,
  });
  return { report, changes };
}

/** Rule 3: a run that would withdraw more than the configured share stops. Declared withdrawals count too;
 * closures do not: no source ever proposes one, a person declares each. */
function refuseMassWithdrawal(proposal: Proposal, material: Material): void {
  const { maxWithdrawalShare, minWithdrawals } = material.config.review;
  const offers = new Set(material.links.map((link) => link.identifier)).size;
  if (proposal.withdrawals <= Math.max(minWithdrawals, offers * maxWithdrawalShare)) return;
  throw new RefusalError({
    code: 'TOO_MANY_WITHDRAWALS',
    message: `Ce passage proposerait ${proposal.withdrawals} retraits sur ${offers} offres (limite : ${maxWithdrawalShare * 100} %). Il s’arrête, rien n’est changé.`,
    place: 'review.yaml, maxWithdrawalShare',
    remedy:
      'vérifiez que la liste n’est ni tronquée ni d’une autre région ; si ces retraits sont réels, relevez la limite le temps d’un passage.',
  });
}

export function reportOf(proposal: Proposal, basis: ReportBasis, summary: string): RunReport {
  const { seen } = proposal;
  const { gates, mirror } = basis;
  const sources = basis.sources.map((each): SourceReport => {
    const refused = seen.refused.filter((row) => row.source === each.source).map((row) => row.fault);
    const outOfRegion = seen.outOfRegion.get(each.source) ?? 0;
    return {
      ...each,
      kept: each.kept - refused.length - outOfRegion,
      setAside: [...each.setAside, ...refused],
      outOfRegion,
    };
  });
  return {
    gates,
    mirror,
    sources,
    matches: seen.matches,
    mentions: proposal.mentions,
    alerts: proposal.alerts,
    flapping: proposal.flaps,
    platforms: proposal.platforms,
    summary,
    centres: identities(proposal),
  };
}

/** Where several sources say a centre, which hospital each of them was found to mean: a card plans nothing again. */
function placesOf(
  { id, observations }: ConsolidatedCentre,
  seen: Proposal['seen'],
): Pick<CentreIdentity, 'places'> {
  if (new Set(observations.map(({ source }) => source)).size < 2) return {};
  const found = seen.centres.get(id) ?? [];
  return { places: Object.fromEntries(found.map(({ ref, place }) => [keyOf(ref), place])) };
}

function identities(proposal: Proposal): Record<string, CentreIdentity> {
  const found: Record<string, CentreIdentity> = {};
  const { seen } = proposal;
  for (const { centre, facts, ej } of proposal.centres.values()) {
    found[centre.id] = {
      id: centre.id,
      key: centre.key,
      title: centre.title,
      network: centre.network,
      filiere: centre.filiere,
      label: centre.label.level,
      campaign: centre.label.campaign,
      hospital: centre.hospital,
      town: centre.town,
      ej,
      eg: facts.eg,
      public: centre.public,
      ...placesOf(centre, seen),
    };
  }
  for (const { id, ref } of proposal.lost) {
    const { observation } = ref;
    found[id] = {
      id,
      key: ref.key,
      title: observation.title,
      network: observation.network,
      filiere: observation.filiere,
      label: observation.label.level,
      campaign: observation.label.campaign,
      hospital: observation.hospital,
      town: observation.town,
      ej: null,
      eg: null,
      public: observation.public,
    };
  }
  return found;
}
