import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { DataError } from '../domain/errors.js';
import { bodyText, cloneBody, isBody, parseBody, textOf, type Body } from './body.js';
import { isTypeName, TYPES, type TypeName } from './model.js';

export interface Stored {
  readonly type: TypeName;
  readonly id: string;
  readonly versionId: string;
  /** ISO instant, UTC, milliseconds. */
  readonly lastUpdated: string;
  readonly body: Body;
  /** The body as it is answered. */
  readonly text: string;
}

/**
 * Resources in memory; with a file, every write lands there before it is answered: the whole state is written beside
 * and renamed over, so that a kill leaves the state before or after, never half of one. Meant for the few thousand
 * resources of a trial; it survives a killed process, not a power cut (no fsync).
 */
export class Store {
  readonly #resources = new Map<TypeName, Map<string, Stored>>(TYPES.map((type) => [type, new Map()]));
  readonly #file: string | null;
  readonly #now: () => Date;
  readonly #unindexed = new Map<string, number>();
  #nextId = 1;
  #nextLocal = 1;
  #lastInstant = 0;

  constructor(file: string | null, now: () => Date) {
    this.#file = file;
    this.#now = now;
    if (file !== null) this.#load(file);
  }

  get size(): number {
    return TYPES.reduce((sum, type) => sum + this.#of(type).size, 0);
  }

  get(type: TypeName, id: string): Stored | undefined {
    return this.#of(type).get(id);
  }

  all(type: TypeName): Iterable<Stored> {
    return this.#of(type).values();
  }

  /** What a search finds now: a resource may be there and not be indexed yet. */
  searchable(type: TypeName): readonly Stored[] {
    const now = this.#now().getTime();
    return Array.from(this.all(type)).filter(({ id }) => (this.#unindexed.get(`${type}/${id}`) ?? 0) <= now);
  }

  /** Keeps a resource out of searches until then. */
  hideFromSearch(type: TypeName, id: string, until: Date): void {
    this.#unindexed.set(`${type}/${id}`, until.getTime());
  }

  /** Technical ids say nothing, as in the ROR: never a business key. */
  newId(type: TypeName): string {
    let id: string;
    do id = String(1_000_000 + this.#nextId++);
    while (this.#of(type).has(id));
    return id;
  }

  /** Seven digits, never given twice, also across restarts. */
  newLocalId(): string {
    return String(this.#nextLocal++).padStart(7, '0');
  }

  /** Stores a new version and writes the state file. `id`, `meta.versionId` and `meta.lastUpdated` are the server's. */
  put(type: TypeName, id: string, body: Body): Stored {
    const previous = this.get(type, id);
    const stored = stamp(type, id, String(Number(previous?.versionId ?? 0) + 1), this.#instant(), body);
    this.#of(type).set(id, stored);
    this.#save();
    return stored;
  }

  /** Takes a resource away behind everybody's back; the API has no delete. */
  remove(type: TypeName, id: string): void {
    this.#of(type).delete(id);
    this.#save();
  }

  /** Seeds many at once (one write of the file). An instant already in the body is kept. */
  seed(bodies: Iterable<{ readonly type: TypeName; readonly body: Body }>): void {
    for (const { type, body } of bodies) {
      const id = textOf(body['id']) ?? this.newId(type);
      const meta = isBody(body['meta']) ? textOf(body['meta']['lastUpdated']) : null;
      const at =
        meta === null || Number.isNaN(Date.parse(meta)) ? this.#instant() : new Date(meta).toISOString();
      this.#of(type).set(id, stamp(type, id, '1', at, body));
    }
    this.#save();
  }

  /** Strictly increasing, so that `_lastUpdated` orders writes even within one millisecond. */
  #instant(): string {
    this.#lastInstant = Math.max(this.#now().getTime(), this.#lastInstant + 1);
    return new Date(this.#lastInstant).toISOString();
  }

  #of(type: TypeName): Map<string, Stored> {
    return this.#resources.get(type) as Map<string, Stored>;
  }

  #save(): void {
    if (this.#file === null) return;
    const head = JSON.stringify({ sandbox: 1, nextId: this.#nextId, nextLocal: this.#nextLocal });
    const lines = TYPES.flatMap((type) => [...this.#of(type).values()].map((stored) => stored.text));
    writeFileSync(`${this.#file}.tmp`, [head, ...lines, ''].join('\n'));
    renameSync(`${this.#file}.tmp`, this.#file);
  }

  #load(file: string): void {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw stateError(file, error);
    }
    try {
      const [head = '', ...lines] = text.split('\n');
      const counters = JSON.parse(head) as { nextId: number; nextLocal: number };
      this.#nextId = counters.nextId;
      this.#nextLocal = counters.nextLocal;
      for (const line of lines) if (line !== '') this.#restore(parseBody(line) as Body);
    } catch (error) {
      throw stateError(file, error);
    }
  }

  #restore(body: Body): void {
    const meta = body['meta'] as Body;
    const type = textOf(body['resourceType']) ?? '';
    if (!isTypeName(type)) throw new SyntaxError(`unknown type ${type}`);
    const stored = stamp(
      type,
      String(body['id']),
      String(meta['versionId']),
      String(meta['lastUpdated']),
      body,
    );
    this.#of(type).set(stored.id, stored);
    this.#lastInstant = Math.max(this.#lastInstant, Date.parse(stored.lastUpdated));
  }
}

function stamp(type: TypeName, id: string, versionId: string, lastUpdated: string, source: Body): Stored {
  const { meta, ...rest } = cloneBody(source);
  // Spread twice: the first three keys lead the text, the server's values win over the sender's.
  const own = { resourceType: type, id, meta: { ...(isBody(meta) ? meta : {}), versionId, lastUpdated } };
  const body: Body = { ...own, ...rest, ...own };
  return { type, id, versionId, lastUpdated, body, text: bodyText(body) };
}

function stateError(file: string, cause: unknown): DataError {
  return new DataError({
    code: 'SANDBOX_STATE',
    message: `L’état du bac à sable ne peut pas être relu : ${(cause as Error).message}`,
    place: file,
    remedy: 'supprimez ce fichier pour repartir d’un bac à sable vide, ou donnez-en un autre par --state.',
    cause,
  });
}
