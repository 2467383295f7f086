import type { Sandbox } from '../../src/sandbox/sandbox.js';

/** What came back, read without any code of ours. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Tests look into bodies of any shape: the assertion that follows is the check.
  readonly json: RawJson;
}
export interface RawJson {
  readonly [key: string]: RawJson;
  readonly [index: number]: RawJson;
}

export type RawFhir = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<RawAnswer>;

export const ROR_HEADERS = {
  'Ror-Profil-Utilisateur-Code': 'CU20',
  'Ror-Profil-Utilisateur-System': '1.2.250.1.213.1.6.1.66',
  'Ror-Role-Metier-Code': 'AUTOMATE',
  'Ror-Role-Metier-System': '1.2.250.1.213.1.1.4.6',
};

type Reachable = Pick<Sandbox, 'fhirBase' | 'tokenUrl' | 'credentials'>;

export async function rawToken(sandbox: Reachable): Promise<string> {
  const answer = await fetch(sandbox.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: sandbox.credentials.clientId,
      client_secret: sandbox.credentials.clientSecret,
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** A bare client over `fetch`: token once, the four headers, text bodies sent as they are. An empty header is left out. */
export async function rawFhir(sandbox: Reachable): Promise<RawFhir> {
  const token = await rawToken(sandbox);
  return async (method, path, body, headers = {}) => {
    const all = {
      Authorization: `Bearer ${token}`,
      ...ROR_HEADERS,
      'Content-Type': 'application/fhir+json',
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    const answer = await fetch(path.startsWith('http') ? path : `${sandbox.fhirBase}/${path}`, {
      method,
      headers: sent,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: text === '' ? {} : JSON.parse(text),
    };
  };
}

/** Ids of the entries of a searchset, of one mode. */
export function entryIds(bundle: RawJson, mode = 'match'): readonly string[] {
  const entries = (bundle['entry'] ?? []) as unknown as readonly {
    resource: { id: string };
    search: { mode: string };
  }[];
  return entries.filter((entry) => entry.search.mode === mode).map((entry) => entry.resource.id);
}
