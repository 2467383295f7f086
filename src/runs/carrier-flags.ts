import { createReadStream, existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { placeOf, type FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { ExpertisePlatform } from '../domain/expertise-platform.js';
import type { Establishment } from '../domain/establishment.js';
import type { RowFault, RowOutcome } from '../domain/rows.js';
import { isRegister } from '../domain/source-ids.js';
import { buildIndex } from '../matching/index.js';
import { HOSPITAL_SECTOR } from './gather.js';
import { Places } from './places.js';
import { regionPlatforms } from './platforms.js';
import { registerReader } from './readers.js';

const FIELD = 'Établissements porteurs';

/**
 * Carriers of the region's platforms that no legal entity certainly is, each with its line. Without a database: in the
 * register that is a file here, and before what people decided; where there is none, that is said once.
 */
export async function carrierFlags(
  config: FilrorConfig,
  region: RegionProfile,
  outcomes: readonly RowOutcome<ExpertisePlatform>[],
): Promise<readonly RowFault[]> {
  const rows = outcomes.flatMap((one) => (one.kind === 'row' ? [one] : []));
  const covering = rows.filter(({ value }) => value.carriers !== null && value.regions.includes(region.code));
  const [first] = covering;
  if (first === undefined) return [];
  const establishments = await localRegister(config, region);
  if (establishments === null)
    return [
      {
        code: 'CARRIERS_UNCHECKED',
        locator: first.locator,
        field: FIELD,
        message:
          'Les porteurs n’ont pas été cherchés : aucun registre FINESS n’est un fichier de cette machine.',
        remedy:
          'un passage les cherche dans le registre qu’il a lu (page « Couverture ») ; ou donnez un fichier à « place » du registre (sources.yaml).',
      },
    ];
  const places = new Places(buildIndex(establishments, config.matching), establishments, []);
  return covering.flatMap(({ locator, value }) =>
    regionPlatforms([value], region.code, places)
      .flatMap(({ carriers }) => carriers)
      .filter(({ ej }) => ej === null)
      .map(({ written, reason }) => ({
        code: 'CARRIER_DOUBT',
        locator,
        field: FIELD,
        value: written.slice(0, 200),
        message: `Ce porteur n’est pas relié à FINESS avec certitude. ${reason}`,
        remedy:
          'écrivez le nom entier de l’établissement, ou son numéro FINESS EJ à la suite du nom ; entre plusieurs, le signe « | ».',
      })),
  );
}

/** The hospital sector of the region's register, when it is a file; null when there is none. */
async function localRegister(config: FilrorConfig, region: RegionProfile): Promise<Establishment[] | null> {
  for (const options of Object.values(config.sources)) {
    const place = isRegister(options.reader) ? placeOf(config, options, region.code) : null;
    if (typeof place !== 'string' || !existsSync(place) || !statSync(place).isFile()) continue;
    const bytes = (): AsyncIterable<Uint8Array> => createReadStream(place);
    const encoding = options.encoding === null ? {} : { encoding: options.encoding };
    const found: Establishment[] = [];
    const input = { fileName: basename(place), bytes, ...encoding };
    for await (const outcome of registerReader(options.reader).read(input)) {
      if (outcome.kind !== 'row' || outcome.value.kind !== 'establishment') continue;
      const { establishment } = outcome.value;
      if (HOSPITAL_SECTOR.some((sector) => establishment.aggregate.startsWith(sector)))
        found.push(establishment);
    }
    return found;
  }
  return null;
}
