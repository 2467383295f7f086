import { randomUUID } from 'node:crypto';
import type { Eyes } from './access.js';
import { fault } from './outcome.js';
import { isTypeName, type TypeName } from './model.js';
import { includedWith, includeNamed } from './search-includes.js';
import { parseQuery, runQuery } from './search.js';
import type { Store, Stored } from './store.js';

/** How the resources of one file are put together: the documentation says "plain JSON" and no more. */
export type ExportShape = 'bundle' | 'array' | 'ndjson';

export interface ExportOptions {
  /** From the request until the files are ready. */
  readonly readyMs: number;
  /** From the request until job and files are forgotten. */
  readonly keptMs: number;
  readonly recordsPerFile: number;
  readonly shape: ExportShape;
}

interface Job {
  readonly request: string;
  readonly at: number;
  readonly files: readonly { readonly type: TypeName; readonly resources: readonly Stored[] }[];
}

/** Linked resources always come, whatever is asked (departure of the ROR from Bulk Data 2.0.0). */
const LINKED = {
  includes: named(
    'HealthcareService:organization',
    'HealthcareService:location',
    'Organization:partof',
    'PractitionerRole:practitioner',
  ),
  revincludes: named('PractitionerRole:service'),
};
const IGNORED = new Set(['includeAssociatedData', '_format']);

/** Jobs of `$export`: state as of the request, in memory. */
export class ExportJobs {
  readonly #jobs = new Map<string, Job>();

  constructor(
    readonly store: Store,
    readonly options: ExportOptions,
    readonly now: () => Date,
  ) {}

  /** @returns the job's id. @throws Fault 400 on a parameter or a format that is not supported. */
  start(request: string, params: URLSearchParams, eyes: Eyes): string {
    const format = params.get('_outputFormat') ?? 'application/fhir+json';
    if (!['application/fhir+json', 'application/json'].includes(format.replace(' ', '+')))
      throw fault(
        400,
        'not-supported',
        `Format d’export non pris en charge : « ${format} ».`,
        '_outputFormat',
      );
    for (const name of params.keys())
      if (!['_outputFormat', '_type', '_typeFilter'].includes(name) && !IGNORED.has(name))
        throw fault(400, 'not-supported', `Paramètre d’export inconnu : « ${name} ».`, name);
    const types = (params.get('_type') ?? 'HealthcareService').split(',');
    const wanted = types.flatMap((type) => this.#matches(type, params.getAll('_typeFilter'), eyes));
    const linked = includedWith(this.store, LINKED, wanted).filter((stored) => eyes.sees(stored));
    const id = randomUUID();
    this.#jobs.set(id, { request, at: this.now().getTime(), files: this.#files([...wanted, ...linked]) });
    return id;
  }

  /** Null while it runs. @throws Fault 404 on a job that is unknown or expired. */
  manifest(id: string, base: string): object | null {
    const job = this.#job(id);
    if (this.now().getTime() < job.at + this.options.readyMs) return null;
    return {
      transactionTime: new Date(job.at).toISOString(),
      request: job.request,
      requiresAccessToken: true,
      output: job.files.map(({ type }, place) => ({ type, url: `${base}/_export/${id}/${place}` })),
      error: [],
    };
  }

  /** @throws Fault 404. */
  file(id: string, place: number, eyes: Eyes): string {
    const file = this.#job(id).files[place];
    if (file === undefined) throw fault(404, 'not-found', 'Ce fichier d’export n’existe pas.');
    const texts = file.resources.map((stored) => eyes.text(stored));
    switch (this.options.shape) {
      case 'array':
        return `[${texts.join(',')}]`;
      case 'ndjson':
        return `${texts.join('\n')}\n`;
      case 'bundle':
        return `{"resourceType":"Bundle","type":"collection","entry":[${texts
          .map((text) => `{"resource":${text}}`)
          .join(',')}]}`;
    }
  }

  #job(id: string): Job {
    const job = this.#jobs.get(id);
    if (job === undefined || this.now().getTime() >= job.at + this.options.keptMs)
      throw fault(404, 'not-found', 'Cet export n’est pas connu, ou il a expiré.');
    return job;
  }

  /** `_typeFilter` is one search per type, OR between two of the same type. */
  #matches(type: string, filters: readonly string[], eyes: Eyes): readonly Stored[] {
    if (!isTypeName(type)) throw fault(400, 'not-supported', `Type inconnu : « ${type} ».`, '_type');
    const own = filters.filter((filter) => filter.startsWith(`${type}?`));
    const queries = own.length === 0 ? [''] : own.map((filter) => filter.slice(type.length + 1));
    const found = queries.flatMap((query) =>
      runQuery(this.store, parseQuery(this.store, type, new URLSearchParams(query)), (stored) =>
        eyes.sees(stored),
      ),
    );
    return [...new Set(found)];
  }

  #files(resources: readonly Stored[]): Job['files'] {
    const byType = new Map<TypeName, Stored[]>();
    for (const stored of resources) byType.set(stored.type, [...(byType.get(stored.type) ?? []), stored]);
    const { recordsPerFile } = this.options;
    return [...byType].flatMap(([type, all]) =>
      Array.from({ length: Math.ceil(all.length / recordsPerFile) }, (_, n) => ({
        type,
        resources: all.slice(n * recordsPerFile, (n + 1) * recordsPerFile),
      })),
    );
  }
}

function named(...names: readonly string[]) {
  return names.map(includeNamed).filter((include) => include !== undefined);
}
