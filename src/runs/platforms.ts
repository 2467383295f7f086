import type { ExpertisePlatform } from '../domain/expertise-platform.js';
import { carriersOf } from '../sources/pemr/carriers.js';
import type { Places } from './places.js';

/** An establishment that carries a platform: as written, and which legal entity that certainly is. */
export interface Carrier {
  readonly written: string;
  /** FINESS EJ; null: nothing is certain. */
  readonly ej: string | null;
  /** French: what the link rests on, or why there is none. */
  readonly reason: string;
}

/** A platform that covers the region of a plan. */
export interface RegionPlatform extends Omit<ExpertisePlatform, 'carriers' | 'regions'> {
  /** Empty when the list names none. */
  readonly carriers: readonly Carrier[];
}

/**
 * The platforms that cover a region, their carriers looked for in the register: what people decided of a hospital written
 * so, else what the matching is certain of. A doubt stays one: nobody is asked, since nothing is written from it.
 */
export function regionPlatforms(
  platforms: readonly ExpertisePlatform[],
  region: string,
  places: Places,
): readonly RegionPlatform[] {
  return platforms
    .filter(({ regions }) => regions.includes(region))
    .map(({ name, kind, year, carriers }) => ({
      name,
      kind,
      year,
      carriers: carriersOf(carriers).map(({ written, finess }) => ({
        written,
        ...places.entityNamed(written, finess),
      })),
    }));
}
