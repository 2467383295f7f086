import type { RegionProfile } from '../config/schema/region.js';
import { RorClient } from '../ror/client.js';
import type { Consumer } from './visible.js';

/** A consumer whose connections are closed when it is no longer needed. */
export type OpenReader = Consumer & { readonly client: RorClient };

/** The other readers of a region (`repository.consumers`), each under its own access profile. */
export function openReaders(region: RegionProfile, env: NodeJS.ProcessEnv): OpenReader[] {
  const { consumers, ...repository } = region.repository;
  return consumers.map(({ name, accessProfile, baseUrl, tokenUrl, ...credentials }) => ({
    name,
    accessProfile,
    client: new RorClient(
      {
        repository: {
          ...repository,
          ...credentials,
          consumers: [],
          accessProfile,
          baseUrl: baseUrl ?? repository.baseUrl,
          tokenUrl: tokenUrl ?? repository.tokenUrl,
        },
      },
      { env },
    ),
  }));
}
