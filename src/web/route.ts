import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { RegionProfile } from '../config/schema/region.js';
import type { Actor, Role, StandingGrant } from '../db/people.js';
import type { Html } from '../domain/html.js';
import type { Logger } from '../observe/logger.js';
import type { OpenReader } from '../followup/readers.js';
import type { RunContext } from '../runs/context.js';
import type { UploadedFile, UploadRule } from './upload.js';

/** What a page of a region is given: checked session, rights, query and form. */
export interface RegionRequest<Query = unknown, Form = unknown> {
  readonly run: RunContext;
  /** The other readers of the region's directory; whoever opens them closes them. */
  readonly readers: () => OpenReader[];
  readonly region: RegionProfile;
  /** Address under which browsers see filror, without a slash at its end. */
  readonly publicUrl: string;
  readonly log: Logger;
  readonly person: Actor;
  readonly grants: readonly StandingGrant[];
  readonly roles: ReadonlySet<Role>;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly form: Form;
  /** The file that came with the form, where the route expects one and the person chose one. */
  readonly file: UploadedFile | null;
  /**
   * Does something that outlives the answer, with a context of its own; the server waits for it before it stops.
   * @returns when it is over; never rejects: what fails is logged
   */
  readonly later: (work: (run: RunContext) => Promise<void>) => Promise<void>;
  /** Path and query as asked, for links that come back. */
  readonly address: string;
  /** Hidden field of every form of this session. */
  readonly token: Html;
}

/** What a route answers. A POST that did something answers `seeOther`, so that a reload repeats nothing. */
export type Answer =
  | { readonly kind: 'page'; readonly title: string; readonly body: Html; readonly status?: number }
  /** @param notice said once on the page that follows */
  | { readonly kind: 'seeOther'; readonly to: string; readonly notice: string }
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly type: string;
      readonly content: string | Buffer | Readable;
      /** Bytes of a stream: whoever receives fewer knows that some are missing. */
      readonly size?: number;
      /** `page`: a document of its own, shown in the browser; `download`: kept as a file. */
      readonly as: 'page' | 'download';
      /** Content security policy of a document that brings its own style; the server's own by default. */
      readonly policy?: string;
    };

/** One address of a region. The table of these is what the server serves and what the tests walk. */
export interface RegionRoute {
  readonly method: 'GET' | 'POST';
  /** After `/28`: `/changements/:change`; empty for the region's home. */
  readonly path: string;
  /** Any of these roles may. */
  readonly roles: readonly Role[];
  /** Its place in the menu; absent: none. */
  readonly menu?: string;
  /** Bytes of a form at most; 64 kB by default. */
  readonly bodyLimit?: number;
  /** Its form (`enctype="multipart/form-data"`) may carry this file. */
  readonly upload?: UploadRule;
  /** Fields of its form that are part of the address of the page where the form stands. */
  readonly placed?: readonly string[];
  readonly query?: z.ZodType;
  readonly form?: z.ZodType;
  readonly handle: (request: RegionRequest) => Promise<Answer>;
}

/** A route whose query and form are typed by their schemas. */
export function route<Query extends z.ZodType, Form extends z.ZodType>(
  typed: Omit<RegionRoute, 'query' | 'form' | 'handle'> & {
    readonly query?: Query;
    readonly form?: Form;
    readonly handle: (request: RegionRequest<z.infer<Query>, z.infer<Form>>) => Promise<Answer>;
  },
): RegionRoute {
  return typed as RegionRoute;
}

/** Everybody who may sign in to a region, except an establishment's people, who have pages of their own. */
export const STAFF: readonly Role[] = ['reader', 'operator', 'reviewer', 'administrator'];
/** Who answers questions: whoever runs the region or reviews it (review/rights). */
export const ANSWERERS: readonly Role[] = ['operator', 'reviewer'];

export function mayAnswer({ roles }: Pick<RegionRequest, 'roles'>): boolean {
  return ANSWERERS.some((role) => roles.has(role));
}
