import type { z } from 'zod';
import type { RegionProfile } from '../../config/schema/region.js';
import type { Actor, Role, StandingGrant } from '../../db/people.js';
import type { Logger } from '../../observe/logger.js';
import type { RunContext } from '../../runs/context.js';

/** Who calls, by which way in, and what they may do in the region. */
export interface ApiCaller {
  readonly person: Actor;
  /** Token that a write by the session's cookie sends back; null for a caller with an access token. */
  readonly csrf: string | null;
  readonly region: RegionProfile;
  readonly grants: readonly StandingGrant[];
  readonly roles: ReadonlySet<Role>;
}

/** What a route of the API is given: everything is checked before. */
export interface ApiRequest<Query = unknown, Body = unknown> extends ApiCaller {
  readonly run: RunContext;
  readonly log: Logger;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

/** One address of the API. The table of these is what the server serves, describes in OpenAPI, and the tests walk. */
export interface ApiRoute {
  /** Of the operation, for those who make a client out of the description. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** After `/api/v1/28`: `/changes/:change`; empty for the region itself. */
  readonly path: string;
  /** Any of these roles may. */
  readonly roles: readonly Role[];
  /** French, one sentence. */
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** What it answers, and nothing else: what the schema does not name does not leave. */
  readonly answer: z.ZodType;
  readonly handle: (request: ApiRequest) => Promise<unknown>;
}

/** A route whose query, body and answer are typed by their schemas. */
export function apiRoute<Answer extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  typed: Omit<ApiRoute, 'query' | 'body' | 'answer' | 'handle'> & {
    readonly query?: Query;
    readonly body?: Body;
    readonly answer: Answer;
    readonly handle: (request: ApiRequest<z.infer<Query>, z.infer<Body>>) => Promise<z.infer<Answer>>;
  },
): ApiRoute {
  return typed as unknown as ApiRoute;
}
