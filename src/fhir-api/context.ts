import type { FhirConfig } from '../config/schema/fhir.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { Db } from '../db/types.js';
import type { EuropeanNetwork } from '../domain/ern.js';
import type { Filiere } from '../domain/filiere.js';
import type { Logger } from '../observe/logger.js';
import type { Audience, Base } from '../publish/views.js';
import type { ExportTally } from './addresses.js';
import type { CopiesSent } from './copies.js';

/** What the read API needs: the database, the configuration, and nothing of the writing side. */
export interface FhirContext {
  readonly db: Db;
  readonly config: FhirConfig;
  readonly regions: readonly RegionProfile[];
  /** Address under which readers see the API, without a final slash. */
  readonly publicUrl: string;
  readonly log: Logger;
  readonly now: () => Date;
  readonly newId: () => string;
  /** The filières of a region's present list; none when no list was handed over. */
  readonly filieres: (region: string) => Promise<readonly Filiere[]>;
  /** The European reference networks of a region's present list, which gives their names. */
  readonly networks: (region: string) => Promise<readonly EuropeanNetwork[]>;
  /** Version of filror, for the CapabilityStatement. */
  readonly software: string;
}

/** Who reads. */
export interface Reader {
  readonly audience: Audience;
  /** Client of the token; null for an anonymous reader. */
  readonly client: string | null;
  readonly perMinute: number;
  /** A name of the address, good for this process alone. */
  readonly address: string;
}

/** One request, once its base, region and reader are known. */
export interface Asked {
  readonly base: Base;
  readonly region: RegionProfile;
  readonly reader: Reader;
  readonly view: string;
  /** Exports that anonymous readers have standing. */
  readonly tally: ExportTally;
  /** Copies that this process sent. */
  readonly copies: CopiesSent;
  /** `https://…/fhir/28` */
  readonly url: string;
}
