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
    create: async (type, body, notAfter) => then(await real.create(type, body, notAfter)),
    update: async (type, id, body, notAfter) => then(await real.update(type, id, body, notAfter)),
    patch: async (type, id, body, notAfter) => then(await real.patch(type, id, body, notAfter)),
  };
  return client as RorClient;
}
