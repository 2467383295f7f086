import { PAGE_READERS } from '../domain/source-ids.js';
import type { CodeSystemConfig, Crosswalk } from './schema/codes.js';
import type { MailConfig } from './schema/mail.js';
import type { RegionProfile } from './schema/region.js';
import type { SourceConfig } from './schema/sources.js';
import type { WebConfig } from './schema/web.js';

interface Checked {
  readonly regions: ReadonlyMap<string, RegionProfile>;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly codes: readonly CodeSystemConfig[];
  readonly crosswalk: Crosswalk;
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
      ...unreadPages(config),
      ...idleRanks(config),
    ]),
    ...grouped(fileOf('crosswalk.yaml'), [...unknownCodes(config)]),
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
    if (reader !== 'labelled-centres' && Object.keys(fields).length > 0)
      yield `le lecteur « ${reader} » ne dit pas de centre : ôtez ces rangs, ou donnez-les à une liste de centres (labelled-centres)\n    → à ${name}.fields`;
  }
}

function* unknownCodes({ crosswalk, codes }: Checked): Iterable<string> {
  const known = new Map(codes.map((system) => [system.name, new Set(Object.keys(system.active))]));
  const entries = [
    ...Object.entries(crosswalk.networks).map(([name, each]) => [`networks.${name}`, each] as const),
    ...Object.entries(crosswalk.filieres).map(([name, each]) => [`filieres.${name}`, each] as const),
  ];
  for (const [path, lists] of entries) {
    for (const [list, values] of Object.entries(lists) as [keyof typeof CROSSWALK_SYSTEMS, string[]][]) {
      const system = CROSSWALK_SYSTEMS[list];
      for (const code of values) {
        if (known.get(system)?.has(code) === true) continue;
        yield `« ${code} » n’est pas un code actif de ${system} (codes/*.yaml)\n    → à ${path}.${list}`;
      }
    }
  }
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
