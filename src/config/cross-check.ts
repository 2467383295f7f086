import { listsCentres, PAGE_READERS } from '../domain/source-ids.js';
import type { CodeSystemConfig, Crosswalk } from './schema/codes.js';
import type { MailConfig } from './schema/mail.js';
import type { RegionProfile } from './schema/region.js';
import type { RorDefaults } from './schema/ror-defaults.js';
import type { SourceConfig } from './schema/sources.js';
import type { WebConfig } from './schema/web.js';

interface Checked {
  readonly regions: ReadonlyMap<string, RegionProfile>;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly codes: readonly CodeSystemConfig[];
  readonly crosswalk: Crosswalk;
  readonly defaults: RorDefaults;
  readonly web: WebConfig;
  readonly mail: MailConfig;
}

/** Which code system each list of the crosswalk is taken from. */
const CROSSWALK_SYSTEMS = { families: 'TRE_R245', activities: 'TRE_R211', acts: 'TRE_R210' } as const;

/** What one file says of another: a name or a code that stands nowhere would silently do nothing. */
export function crossFaults(config: Checked, fileOf: (name: string) => string): string[] {
  return [
    ...grouped(fileOf('sources.yaml'), [
      ...unknownPlaces(config),
      ...twicePlaced(config),
      ...unreadPages(config),
      ...idleRanks(config),
    ]),
    ...grouped(fileOf('crosswalk.yaml'), [...unknownCodes(config)]),
    ...grouped(fileOf('ror-defaults.yaml'), [...unknownDefaults(config)]),
    ...grouped(fileOf('codes'), [...lostSuccessors(config)]),
    ...grouped(fileOf('mail.yaml'), [...mailNowhere(config)]),
  ];
}

function* unknownPlaces({ sources, regions }: Checked): Iterable<string> {
  for (const [name, source] of Object.entries(sources)) {
    for (const code of Object.keys(source.places)) {
      if (regions.has(code)) continue;
      yield `la région « ${code} » n’est pas configurée (${[...regions.keys()].join(', ')})\n    → à ${name}.places.${code}`;
    }
  }
}

/** One of the two would silently never be read. */
function* twicePlaced({ sources }: Checked): Iterable<string> {
  for (const [name, { place, dataset }] of Object.entries(sources)) {
    if (place !== null && dataset !== null)
      yield `donnez « place » ou « dataset », pas les deux : seul l’un serait lu\n    → à ${name}.dataset`;
  }
}

/** A page that no reader opens would be refused as an error page, whatever the option says. */
function* unreadPages({ sources }: Checked): Iterable<string> {
  for (const [name, { reader, html }] of Object.entries(sources)) {
    if (html !== null && !PAGE_READERS.includes(reader))
      yield `le lecteur « ${reader} » ne lit pas de page web (lecteurs qui en lisent : ${PAGE_READERS.join(', ')})\n    → à ${name}.html`;
  }
}

/** Ranks by field are of the lists of centres: anywhere else they would silently do nothing. */
function* idleRanks({ sources }: Checked): Iterable<string> {
  for (const [name, { reader, fields }] of Object.entries(sources)) {
    if (!listsCentres(reader) && Object.keys(fields).length > 0)
      yield `le lecteur « ${reader} » ne dit pas de centre : ôtez ces rangs, ou donnez-les à une liste de centres (labelled-centres)\n    → à ${name}.fields`;
  }
}

/** Retired codes are told by `filror config check`, with what replaces them: a plan says so of each offer as well. */
function* unknownCodes({ crosswalk, codes }: Checked): Iterable<string> {
  for (const { system, code, path } of crosswalkCodes(crosswalk)) {
    if (!holds(codes, system, code))
      yield `« ${code} » n’est pas un code connu de ${system} (codes/*.yaml)\n    → à ${path}`;
  }
}

function* unknownDefaults({ defaults, codes }: Checked): Iterable<string> {
  for (const { system, code, path } of defaultCodes(defaults)) {
    if (!holds(codes, system, code))
      yield `« ${code} » n’est pas un code connu de ${system} (codes/*.yaml)\n    → à ${path}`;
  }
}

/** A succession from a code that is in force, or to one that stands nowhere, would silently do nothing. */
function* lostSuccessors({ codes }: Checked): Iterable<string> {
  for (const { name, active, deprecated, successors } of codes) {
    for (const [old, next] of Object.entries(successors)) {
      if (!Object.hasOwn(deprecated, old))
        yield `${name} : « ${old} » n’est pas un code retiré (deprecated), il n’a pas de successeur\n    → à successors.${old}`;
      else if (!Object.hasOwn(active, next) && !Object.hasOwn(deprecated, next))
        yield `${name} : « ${next} » n’est pas un code connu de ${name}\n    → à successors.${old}`;
      else if (leadsRound(successors, old))
        yield `${name} : les successeurs de « ${old} » tournent en rond\n    → à successors.${old}`;
    }
  }
}

function leadsRound(successors: Readonly<Record<string, string>>, from: string): boolean {
  const seen = new Set<string>();
  let at: string | undefined = from;
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    at = Object.hasOwn(successors, at) ? successors[at] : undefined;
  }
  return at !== undefined;
}

function holds(codes: readonly CodeSystemConfig[], name: string, code: string): boolean {
  const system = codes.find((each) => each.name === name);
  return (
    system !== undefined && (Object.hasOwn(system.active, code) || Object.hasOwn(system.deprecated, code))
  );
}

/** One code that a file of the configuration names. */
export interface NamedCode {
  /** Short name of the nomenclature. */
  readonly system: string;
  readonly code: string;
  /** Where, for people: `filieres.FIMARAD.families`. */
  readonly path: string;
  readonly use: 'written' | 'recognised';
}

/** Codes of crosswalk.yaml: families and acts may be written, by activities an existing offer is recognised. */
export function* crosswalkCodes(crosswalk: Crosswalk): Iterable<NamedCode> {
  const entries = [
    ...Object.entries(crosswalk.networks).map(([name, each]) => [`networks.${name}`, each] as const),
    ...Object.entries(crosswalk.filieres).map(([name, each]) => [`filieres.${name}`, each] as const),
  ];
  for (const [path, lists] of entries) {
    for (const [list, values] of Object.entries(lists) as [keyof typeof CROSSWALK_SYSTEMS, string[]][]) {
      const use = list === 'activities' ? 'recognised' : 'written';
      for (const code of values)
        yield { system: CROSSWALK_SYSTEMS[list], code, path: `${path}.${list}`, use };
    }
  }
}

/** Codes of ror-defaults.yaml, each written in every offer that it holds for. */
export function* defaultCodes(defaults: RorDefaults): Iterable<NamedCode> {
  const use = 'written';
  yield { system: 'TRE_R244', code: defaults.category.code, path: 'category', use };
  yield { system: 'TRE_R211', code: defaults.activity.code, path: 'activity', use };
  yield { system: 'TRE_R213', code: defaults.careMode.code, path: 'careMode', use };
  yield { system: 'TRE_R227', code: defaults.activityField.code, path: 'activityField', use };
  for (const [level, { code }] of Object.entries(defaults.expertiseLevels))
    yield { system: 'TRE_R344', code, path: `expertiseLevels.${level}`, use };
}

/** Mail about a region that is not there, for nobody, or whose links would lead to the reader's own machine. */
function* mailNowhere({ regions, web, mail }: Checked): Iterable<string> {
  for (const [code, { operators, reviewers, establishments }] of Object.entries(mail.regions)) {
    if (!regions.has(code))
      yield `la région « ${code} » n’est pas configurée (${[...regions.keys()].join(', ')})\n    → à regions.${code}`;
    if (operators.length + reviewers.length + Object.keys(establishments).length === 0)
      yield `la région « ${code} » n’a aucun destinataire : ôtez-la, ou donnez une adresse\n    → à regions.${code}`;
  }
  if (mail.server !== null && web.publicUrl === null)
    yield 'les liens des courriels ne mèneraient nulle part : donnez « publicUrl » dans web.yaml\n    → à server';
}

function grouped(file: string, faults: readonly string[]): string[] {
  return faults.length === 0 ? [] : [`${file}\n${faults.map((fault) => `  ✖ ${fault}`).join('\n')}`];
}
