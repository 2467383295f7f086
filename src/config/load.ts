import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { z } from 'zod';
import { DataError } from '../domain/errors.js';
import { checkedBy } from '../domain/schema-faults.js';
import type { GateRules } from '../domain/gates.js';
import type { MatchingOptions } from '../domain/matching-options.js';
import { canonicalHash } from '../domain/json.js';
import type { SourcePlace } from '../domain/source-place.js';
import { crossFaults } from './cross-check.js';
import { packageRoot, readYaml } from './files.js';
import { codeSystemSchema, crosswalkSchema, type CodeSystemConfig, type Crosswalk } from './schema/codes.js';
import { gateLevelsSchema } from './schema/gate-rules.js';
import { gateRulesSchema } from './schema/gates.js';
import { fhirConfig, type FhirConfig } from './schema/fhir.js';
import { followupConfig, type FollowupConfig } from './schema/followup.js';
import { mailConfig, type MailConfig } from './schema/mail.js';
import { matchingSchema } from './schema/matching.js';
import { regionSchema, type RegionProfile } from './schema/region.js';
import { reviewConfig, type ReviewConfig } from './schema/review.js';
import { rorDefaultsSchema, type RorDefaults } from './schema/ror-defaults.js';
import { scheduleConfig, type ScheduleConfig } from './schema/schedule.js';
import { webConfig, type WebConfig } from './schema/web.js';
import { strayFiles } from './stray-files.js';
import { sourcesConfig, type SourceConfig } from './schema/sources.js';

/** The whole configuration, every default filled in. */
export interface FilrorConfig {
  /** Folder that overlays the shipped one, or the shipped one itself. */
  readonly folder: string;
  readonly regions: ReadonlyMap<string, RegionProfile>;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly gates: GateRules;
  readonly review: ReviewConfig;
  readonly matching: MatchingOptions;
  readonly codes: readonly CodeSystemConfig[];
  readonly crosswalk: Crosswalk;
  readonly defaults: RorDefaults;
  /** SHA-256 of all of the above: a plan says under which configuration it was made. */
  readonly hash: string;
  /** When things are done, which changes nothing in what is planned: not hashed. */
  readonly schedule: ScheduleConfig;
  /** How long what is handed over is waited for: not hashed either. */
  readonly followup: FollowupConfig;
  /** Where pages are served and who vouches for people: not hashed either. */
  readonly web: WebConfig;
  /** Whom mail goes to, and by which server: not hashed either. */
  readonly mail: MailConfig;
  /** Who reads the offer that is served: not hashed either. */
  readonly fhir: FhirConfig;
}

export const shippedFolder = join(packageRoot, 'config');

/**
 * Reads the shipped configuration, overlaid file by file by the folder given (`--config`, or FILROR_CONFIG).
 * Every fault of every file is told at once, in French, with file and path.
 * @throws DataError `CFG_UNREADABLE`, `CFG_INVALID`
 */
export function loadConfig(folder?: string): FilrorConfig {
  const overlay = configFolder(folder);
  const faults: string[] = [];
  const known: string[] = [];
  const file = (name: string): string => {
    const own = join(overlay, name);
    return existsSync(own) ? own : join(shippedFolder, name);
  };
  const read = <S extends z.ZodType>(schema: S, name: string): z.infer<S> => {
    if (dirname(name) === '.') known.push(name);
    return parsed(schema, file(name), faults) as z.infer<S>;
  };
  const config = {
    regions: regions(overlay, faults),
    sources: read(sourcesConfig, 'sources.yaml'),
    gates: { ...read(gateRulesSchema, 'gates.yaml'), rules: read(gateLevelsSchema, 'gate-rules.yaml') },
    review: read(reviewConfig, 'review.yaml'),
    matching: read(matchingSchema, 'matching.yaml'),
    codes: codeFileNames(overlay).map((name) => read(codeSystemSchema, join('codes', name))),
    crosswalk: read(crosswalkSchema, 'crosswalk.yaml'),
    defaults: read(rorDefaultsSchema, 'ror-defaults.yaml'),
  };
  const schedule = read(scheduleConfig, 'schedule.yaml');
  const followup = read(followupConfig, 'followup.yaml');
  const web = read(webConfig, 'web.yaml');
  const mail = read(mailConfig, 'mail.yaml');
  const fhir = read(fhirConfig, 'fhir.yaml');
  faults.push(...strayFiles(overlay, known, listPlaces(config.sources)));
  if (faults.length === 0) faults.push(...crossFaults({ ...config, web, mail }, file));
  if (faults.length > 0) {
    throw new DataError({
      code: 'CFG_INVALID',
      message: `La configuration est refusée :\n${faults.join('\n')}`,
      place: overlay,
      remedy: 'corrigez chaque option citée, puis vérifiez avec « filror config check ».',
    });
  }
  const hash = canonicalHash({ ...config, regions: Object.fromEntries(config.regions) });
  return { folder: overlay, ...config, hash, schedule, followup, web, mail, fhir };
}

/** The folder meant, whatever its files say. @throws DataError `CFG_UNREADABLE` when there is none */
export function configFolder(folder: string = process.env['FILROR_CONFIG'] ?? shippedFolder): string {
  const overlay = resolve(folder);
  if (!existsSync(overlay) || !statSync(overlay).isDirectory()) {
    throw new DataError({
      code: 'CFG_UNREADABLE',
      message: `Le dossier de configuration ${overlay} n’existe pas.`,
      place: overlay,
      remedy: 'donnez un dossier existant à --config (ou à FILROR_CONFIG).',
    });
  }
  return overlay;
}

/** The profile of one region. @throws DataError `REGION_UNKNOWN` naming those that exist. */
export function regionOf(config: FilrorConfig, code: string): RegionProfile {
  const region = config.regions.get(code);
  if (region !== undefined) return region;
  const known = [...config.regions.values()].map((each) => `${each.code} (${each.name})`).join(', ');
  throw new DataError({
    code: 'REGION_UNKNOWN',
    message: `La région « ${code} » n’est pas configurée.`,
    place: '--region',
    remedy: `donnez le code TRE_R30 d’une région configurée (${known}), ou ajoutez regions/${code}.yaml.`,
  });
}

/** Several regions are configured and none was named. */
export function regionNotGiven(config: FilrorConfig): DataError {
  const known = [...config.regions.values()].map((each) => `${each.code} (${each.name})`).join(', ');
  return new DataError({
    code: 'REGION_UNKNOWN',
    message: 'Plusieurs régions sont configurées et aucune n’est donnée.',
    place: '--region',
    remedy: `ajoutez --region avec l’un de ces codes : ${known} ; ou donnez-le une fois pour toutes dans FILROR_REGION.`,
  });
}

/** Where a source is to be found for a region; relative places are relative to the configuration folder. */
export function placeOf(config: FilrorConfig, source: SourceConfig, region: string): SourcePlace | null {
  const place = source.places[region] ?? source.place;
  if (place === null) return source.dataset;
  if (/^https?:\/\//.test(place) || isAbsolute(place)) return place;
  const own = join(config.folder, place);
  return existsSync(own) ? own : join(shippedFolder, place);
}

/** Undefined when sources.yaml itself is at fault. */
function listPlaces(sources: FilrorConfig['sources'] | undefined): string[] {
  return Object.values(sources ?? {})
    .flatMap(({ place, places }) => [place, ...Object.values(places)])
    .filter((place) => place !== null);
}

function regions(overlay: string, faults: string[]): Map<string, RegionProfile> {
  const found = new Map<string, RegionProfile>();
  for (const name of yamlNames(join(shippedFolder, 'regions'), join(overlay, 'regions'))) {
    const own = join(overlay, 'regions', name);
    const file = existsSync(own) ? own : join(shippedFolder, 'regions', name);
    const region = parsed(regionSchema, file, faults) as RegionProfile | undefined;
    if (region === undefined) continue;
    if (`${region.code}.yaml` !== name) {
      faults.push(`${file}\n  ✖ décrit la région ${region.code} : nommez-le ${region.code}.yaml`);
    }
    found.set(region.code, region);
  }
  return found;
}

/** Files that describe nomenclatures, shipped or added. */
export function codeFileNames(overlay: string): string[] {
  return yamlNames(join(shippedFolder, 'codes'), join(overlay, 'codes'));
}

function yamlNames(...folders: readonly string[]): string[] {
  const names = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder))
    .filter((name) => name.endsWith('.yaml'));
  return [...new Set(names)].sort();
}

function parsed(schema: z.ZodType, file: string, faults: string[]): unknown {
  let value: unknown;
  try {
    value = readYaml(file);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    faults.push(`${file}\n  ✖ ${error.message}`);
    return undefined;
  }
  const checked = checkedBy(schema, value ?? {});
  if (checked.ok) return checked.data;
  faults.push(`${file}\n${indent(checked.faults)}`);
  return undefined;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
