import type { RegionProfile } from '../config/schema/region.js';
import { FilrorError, RemoteError, type DataError, type RefusalError } from '../domain/errors.js';
import type { JsonObject } from '../domain/json.js';
import type { CircuitState } from '../http/circuit.js';
import type { HttpClient, HttpRequest, HttpResponse, Method } from '../http/client.js';
import { conditionalGet } from '../http/conditional-get.js';
import { HttpError } from '../http/http-error.js';
import { redactText } from '../http/redact.js';
import { retryAfterMs } from '../http/retry.js';
import type { TokenSource } from './auth.js';
import { type TokenFacts } from './auth.js';
import { connection } from './connection.js';
import { issuesText, outcomeIssues, type WriteOutcome } from './outcome.js';
import { parseObject, readSearchset, type SearchEntry } from './searchset.js';
import { refusedWrite } from './write-guard.js';

/** Resource types that filror reads; it writes HealthcareService, and Task to report an anomaly. */
export type RorType = 'HealthcareService' | 'Organization' | 'Location' | 'Task';

export type ReadOutcome =
  | { readonly kind: 'found'; readonly text: string; readonly resource: JsonObject }
  | { readonly kind: 'absent' };

export type SearchParams = readonly (readonly [name: string, value: string])[];

export interface RorClientOptions {
  readonly http?: HttpClient;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly now?: () => Date;
  /** A renewed certificate that cannot be used yet, while the last one still serves. */
  readonly onNotice?: (notice: DataError) => void;
  /** A server of this region that is left alone, tried again, or answers again. */
  readonly onCircuit?: (state: CircuitState) => void;
}

/** Pages in a row without a new match: a page or two may overlap or be hidden from us, not this many. */
const MAX_BARREN_PAGES = 5;

/** Who made a write late: the authorisation server, or our own manners. */
const LATE = {
  token: {
    message: 'Le jeton a tardé : l’écriture n’est pas partie.',
    remedy: 'relancez ; si cela dure, prévenez l’exploitant du serveur d’autorisation.',
  },
  turn: {
    message: 'Notre propre débit a retenu l’écriture trop longtemps : elle n’est pas partie.',
    remedy:
      'relancez ; si cela dure, relevez rate ou concurrency du profil de la région si le répertoire l’admet, ou timeoutMs.',
  },
} as const;

const FHIR_JSON = 'application/fhir+json';

/** Client of one regional repository: token, headers, searches to their end, writes whose outcome is never guessed. */
export class RorClient {
  readonly #repository: RegionProfile['repository'];
  readonly #http: HttpClient;
  readonly #tokens: TokenSource;
  readonly #now: () => Date;

  /** @throws DataError `CFG_SECRET`, `CFG_CA` when the profile needs what the environment or the disk does not hold. */
  constructor(profile: Pick<RegionProfile, 'repository'>, options: RorClientOptions = {}) {
    const { repository } = profile;
    this.#repository = repository;
    this.#now = options.now ?? (() => new Date());
    const { http, tokens } = connection(profile, { ...options, now: this.#now });
    this.#http = http;
    this.#tokens = tokens;
  }

  /**
   * Every resource of a search, page after page, texts as received. The mode tells matches from included resources;
   * a resource may come again with a later page, when pages overlap: matches are counted by their id.
   * @throws RemoteError on a failed page, on a next link to another server, `ROR_SEARCH_CUT` when the answer was cut (what
   * did not come must not be taken for gone), and `ROR_SEARCH_ENDLESS` when page links lead on and bring nothing new.
   */
  async *search(type: RorType, params: SearchParams): AsyncGenerator<SearchEntry> {
    const { baseUrl, pageSize, searchLimit } = this.#repository;
    const query = new URLSearchParams(params.map(([name, value]): [string, string] => [name, value]));
    if (!query.has('_count')) query.set('_count', String(pageSize));
    const seen = new Set<string>();
    const matched = new Set<string>();
    let nameless = 0;
    let barren = 0;
    let total: number | null = null;
    for (let url: string | null = `${baseUrl}/${type}?${query.toString()}`; url !== null;) {
      seen.add(url);
      const answer = await this.#send('GET', url);
      if (answer.status !== 200) throw readFailed(url, answer);
      const page = readSearchset(answer.text, url);
      total = page.total ?? total;
      const before = matched.size + nameless;
      for (const entry of page.entries) {
        const { id } = entry.resource;
        if (entry.mode === 'match' && typeof id === 'string') matched.add(id);
        else if (entry.mode === 'match') nameless++;
        yield entry;
      }
      const matches = matched.size + nameless;
      // Not after the last page: a server whose links never end would be read for ever.
      if (matches >= searchLimit) throw cut(type, matches, total, searchLimit);
      barren = matches > before ? 0 : barren + 1;
      if (page.next !== null && barren >= MAX_BARREN_PAGES) throw endless(type, matches, barren, url);
      url = page.next === null ? null : sameServer(page.next, url, baseUrl);
      if (url !== null && seen.has(url)) throw badLink(url, 'une page déjà lue');
    }
    const matches = matched.size + nameless;
    if (total !== null && total > matches) throw cut(type, matches, total, searchLimit);
  }

  /** @throws RemoteError on anything but 200, 404 and 410. */
  async read(type: RorType, id: string): Promise<ReadOutcome> {
    const url = this.#url(type, id);
    const answer = await this.#send('GET', url);
    if (answer.status === 404 || answer.status === 410) return { kind: 'absent' };
    if (answer.status !== 200) throw readFailed(url, answer);
    return { kind: 'found', text: answer.text, resource: parseObject(answer.text, url) };
  }

  /**
   * Streams a file of the same server: its bytes as they come, never the whole. A token that was refused is renewed
   * once before the first byte. @throws RemoteError, while reading too.
   */
  async download(path: string, maxBytes: number): Promise<AsyncIterable<Uint8Array>> {
    const url = this.#ours(path);
    const token = await this.#tokens.get();
    try {
      return await this.#stream(url, token, maxBytes);
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 401) throw error;
      return await this.#stream(url, await this.#tokens.get(token), maxBytes);
    }
  }

  async #stream(url: string, token: string, maxBytes: number): Promise<AsyncIterable<Uint8Array>> {
    // The repository stands where the region's profile says, be it on a network of its own.
    const privateHosts = [new URL(url).hostname];
    const headers = this.#headers(token);
    const answer = await conditionalGet(this.#http, { url, maxBytes, headers, privateHosts });
    if (answer.status === 'ok') return answer.body;
    throw new Error('304 to a request without validators');
  }

  /**
   * Sent once, whatever happens. The new id comes from `Location`, else from the body.
   * @param notAfter a write that could not leave by then (a token that took long) does not leave at all: `notSent`.
   * Without this bound, nobody could tell from when on a write that was begun can no longer arrive.
   */
  create(type: RorType, bodyText: string, notAfter?: Date): Promise<WriteOutcome> {
    const url = `${this.#repository.baseUrl}/${type}`;
    return this.#write({ method: 'POST', url, body: bodyText, notAfter, version: null }, null);
  }

  /**
   * What could erase elements that our access profile hides is `notSent`, here and by `patch`.
   * @param version as read just before; sent as If-Match (RFC 9110, 13.1.1) where the profile says it is honoured.
   */
  async update(
    type: RorType,
    id: string,
    bodyText: string,
    notAfter?: Date,
    version: string | null = null,
  ): Promise<WriteOutcome> {
    const error = this.#refused(type, 'put', bodyText);
    if (error !== null) return { kind: 'notSent', error };
    const url = this.#url(type, id);
    return await this.#write({ method: 'PUT', url, body: bodyText, notAfter, version }, id);
  }

  /** @param parametersText Parameters of a FHIRPath Patch, in the region's dialect. */
  async patch(
    type: RorType,
    id: string,
    parametersText: string,
    notAfter?: Date,
    version: string | null = null,
  ): Promise<WriteOutcome> {
    const error = this.#refused(type, 'patch', parametersText);
    if (error !== null) return { kind: 'notSent', error };
    const url = this.#url(type, id);
    return await this.#write({ method: 'PATCH', url, body: parametersText, notAfter, version }, id);
  }

  /**
   * One GET of this repository, answered as it is: metadata, the steps of `$export`, a check.
   * @param url absolute, or relative to the base; on another server it is refused, our token with it.
   */
  get(url: string): Promise<HttpResponse> {
    return this.#send('GET', this.#ours(url));
  }

  /** Asks for a token when none is held. */
  token(): Promise<TokenFacts> {
    return this.#tokens.facts();
  }

  circuits(): readonly CircuitState[] {
    return this.#http.circuits();
  }

  /** Lets go of the kept connections. */
  close(): void {
    this.#http.close();
  }

  #refused(type: RorType, way: 'put' | 'patch', text: string): RefusalError | null {
    return type === 'HealthcareService' ? refusedWrite(this.#repository.accessProfile, way, text) : null;
  }

  async #write(write: Write, id: string | null): Promise<WriteOutcome> {
    let answer: HttpResponse;
    try {
      answer = await this.#send(write.method, write.url, write);
    } catch (error) {
      if (error instanceof SentWrite)
        return {
          kind: 'unknown',
          status: null,
          text: error.failure.message,
          error: error.failure,
          retryAfterMs: null,
        };
      // A token that could not be had, or a server that could not be reached: the write itself never left.
      if (error instanceof FilrorError) return { kind: 'notSent', error };
      throw error;
    }
    return this.#outcome(answer, id);
  }

  #outcome(answer: HttpResponse, id: string | null): WriteOutcome {
    const { status, headers, text } = answer;
    const issues = outcomeIssues(text);
    const asked = retryAfterMs(headers['retry-after'], this.#now());
    if (status >= 500)
      return {
        kind: 'unknown',
        status,
        text: issuesText(issues) || `réponse ${status}`,
        error: null,
        retryAfterMs: asked,
      };
    if (status >= 300)
      return {
        kind: 'refused',
        status,
        issues,
        text: issuesText(issues) || `réponse ${status} sans explication`,
        transient: status === 408 || status === 425 || status === 429,
        retryAfterMs: asked,
      };
    const written = writtenId(headers['location'], text);
    const finalId = id ?? written.id;
    if (finalId === null)
      return {
        kind: 'unknown',
        status,
        text: `réponse ${status} sans identifiant de la ressource`,
        error: null,
        retryAfterMs: null,
      };
    const versionId = written.versionId ?? /^(?:W\/)?"([^"]+)"$/.exec(headers['etag'] ?? '')?.[1] ?? null;
    return { kind: 'done', status, id: finalId, versionId, body: text.trim() === '' ? null : text };
  }

  #send(method: Method, url: string, write: Write | null = null): Promise<HttpResponse> {
    return this.#renewed((token) => this.#once(method, url, token, write));
  }

  /** One request with a token; on 401, once more with a new one: the repository did nothing of the first. */
  async #renewed<T extends { readonly status: number }>(once: (token: string) => Promise<T>): Promise<T> {
    const token = await this.#tokens.get();
    const answer = await once(token);
    return answer.status === 401 ? once(await this.#tokens.get(token)) : answer;
  }

  /** @throws RemoteError `ROR_TOO_LATE` */
  #refuseLate(notAfter: Date | undefined, place: string, why: keyof typeof LATE): void {
    if (notAfter === undefined || this.#now().getTime() <= notAfter.getTime()) return;
    throw new RemoteError({
      code: 'ROR_TOO_LATE',
      ...LATE[why],
      place,
      transient: true,
    });
  }

  async #once(method: Method, url: string, token: string, write: Write | null): Promise<HttpResponse> {
    this.#refuseLate(write?.notAfter, url, 'token');
    const request: HttpRequest = {
      method,
      url,
      timeoutMs: this.#repository.timeoutMs,
      headers: { ...this.#headers(token), ...(write === null ? {} : this.#writeHeaders(write)) },
      // After the waits of rate and turn: what leaves late may arrive when nobody expects it any more.
      beforeLeaving: () => this.#refuseLate(write?.notAfter, url, 'turn'),
      ...(write === null ? {} : { body: write.body }),
    };
    try {
      return await this.#http.request(request);
    } catch (error) {
      if (method !== 'GET' && error instanceof HttpError && error.sent) throw new SentWrite(error);
      throw error;
    }
  }

  #writeHeaders({ version }: Write): Record<string, string> {
    const guarded = version !== null && this.#repository.ifMatch;
    return { 'Content-Type': FHIR_JSON, ...(guarded ? { 'If-Match': `W/"${version}"` } : {}) };
  }

  #headers(token: string): Record<string, string> {
    const { profilCode, profilSystem, roleCode, roleSystem } = this.#repository.rorHeaders;
    return {
      Authorization: `Bearer ${token}`,
      'Ror-Profil-Utilisateur-Code': profilCode,
      'Ror-Profil-Utilisateur-System': profilSystem,
      'Ror-Role-Metier-Code': roleCode,
      'Ror-Role-Metier-System': roleSystem,
      Accept: FHIR_JSON,
    };
  }

  #ours(url: string): string {
    const { baseUrl } = this.#repository;
    return sameServer(url, `${baseUrl}/`, baseUrl);
  }

  #url(type: RorType, id: string): string {
    return `${this.#repository.baseUrl}/${type}/${encodeURIComponent(id)}`;
  }
}

interface Write {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly url: string;
  readonly body: string;
  readonly notAfter: Date | undefined;
  readonly version: string | null;
}

/** A write of which at least a part left: kept apart from a token request that failed in the same way. */
class SentWrite extends Error {
  constructor(readonly failure: HttpError) {
    super(failure.message);
  }
}

/** `[base]/T/id/_history/v` → id and version; else the body's own. */
function writtenId(
  location: string | undefined,
  text: string,
): { readonly id: string | null; readonly versionId: string | null } {
  const [, id, version] =
    /\/([A-Za-z0-9.-]{1,64})(?:\/_history\/([A-Za-z0-9.-]{1,64}))?\/?$/.exec(location ?? '') ?? [];
  const body = /"id"\s*:/.test(text) ? bodyIds(text) : { id: null, versionId: null };
  return { id: id ?? body.id, versionId: version ?? body.versionId };
}

function bodyIds(text: string): { readonly id: string | null; readonly versionId: string | null } {
  try {
    const { id, meta } = JSON.parse(text) as { id?: unknown; meta?: { versionId?: unknown } };
    const versionId = meta?.versionId;
    return {
      id: typeof id === 'string' ? id : null,
      versionId: typeof versionId === 'string' ? versionId : null,
    };
  } catch {
    return { id: null, versionId: null };
  }
}

/** The bearer token follows no link to another server. @throws RemoteError `ROR_NEXT_LINK`. */
function sameServer(next: string, from: string, baseUrl: string): string {
  if (!URL.canParse(next, from)) throw badLink(next, 'une adresse illisible');
  const url = new URL(next, from);
  if (url.origin === new URL(baseUrl).origin) return url.href;
  throw badLink(next, `un autre serveur, ${url.origin}`);
}

function badLink(place: string, what: string): RemoteError {
  return new RemoteError({
    code: 'ROR_NEXT_LINK',
    message: `Le lien donné par le répertoire mène à ${what} : la lecture est arrêtée.`,
    remedy:
      'prévenez l’exploitant du répertoire ; si son adresse a changé, corrigez baseUrl dans le profil de la région.',
    place: redactText(place),
  });
}

function endless(type: RorType, matches: number, barren: number, place: string): RemoteError {
  return new RemoteError({
    code: 'ROR_SEARCH_ENDLESS',
    message: `La recherche ${type} ne finit pas : ${barren} pages de suite n’ont rien apporté de nouveau (${matches} ressources reçues). La lecture est arrêtée, rien n’en est conclu.`,
    remedy:
      'prévenez l’exploitant du répertoire que ses liens « page suivante » tournent en rond ; d’ici là, l’exploitant de filror charge un export (« filror mirror refresh --export »).',
    place: redactText(place),
  });
}

function readFailed(url: string, answer: HttpResponse): RemoteError {
  const { status } = answer;
  const said = issuesText(outcomeIssues(answer.text));
  return new RemoteError({
    code: 'ROR_READ',
    message: `Le répertoire a répondu ${status} à une lecture${said === '' ? '' : ` : ${said}`}.`,
    remedy:
      status >= 300 && status < 400
        ? 'corrigez baseUrl dans le profil de la région : aucun renvoi n’est suivi avec le jeton.'
        : status === 401 || status === 403
          ? 'vérifiez clientId, le secret, les en-têtes Ror-* et le profil d’accès de la région.'
          : 'relancez plus tard ; si cela dure, prévenez l’exploitant du répertoire.',
    place: url,
    transient: status === 408 || status === 425 || status === 429 || status >= 500,
  });
}

function cut(type: RorType, matches: number, total: number | null, limit: number): RemoteError {
  return new RemoteError({
    code: 'ROR_SEARCH_CUT',
    message: `La recherche ${type} a été coupée : ${matches} ressources reçues${total === null ? '' : ` sur ${total}`}.`,
    remedy:
      'relancez ; si le nombre reste le même, l’exploitant charge la région par « filror mirror refresh --export » : une recherche ne donne pas plus.',
    // Below the limit, a write between two pages explains the difference as well as a cut does.
    transient: matches < limit,
  });
}
