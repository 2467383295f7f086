import type { RorClient } from '../../src/ror/client.js';

/** The same client, with something that happens elsewhere between a write's answer and our next request. */
export function afterWrite(real: RorClient, happens: () => void): RorClient {
  const then = <T>(outcome: T): T => {
    happens();
    return outcome;
  };
  const client: Pick<RorClient, 'search' | 'read' | 'create' | 'update' | 'patch'> = {
    search: (type, params) => real.search(type, params),
    read: (type, id) => real.read(type, id),
    create: async (...args) => then(await real.create(...args)),
    update: async (...args) => then(await real.update(...args)),
    patch: async (...args) => then(await real.patch(...args)),
  };
  return client as RorClient;
}
