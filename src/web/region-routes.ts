import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { RegionProfile } from '../config/schema/region.js';
import { setNotice, type Session } from '../db/sessions.js';
import type { Actor, Role, StandingGrant } from '../db/people.js';
import { DataError, FilrorError } from '../domain/errors.js';
import { checkedBy, type Checked } from '../domain/schema-faults.js';
import type { RunContext } from '../runs/context.js';
import { requireOne, rightsOf } from './access.js';
import type { WebContext } from './context.js';
import { errorPage, statusOf } from './errors.js';
import { HTML_TYPE } from './frame.js';
import { framed } from './layout.js';
import type { MenuItem } from './menu.js';
import { ROLE_WORDS } from '../domain/roles.js';
import { STAFF, type Answer, type RegionRoute } from './route.js';
import { hiddenToken } from './session.js';
import { pageOfForm } from './way-back.js';

/** Serves the table of routes: session, rights, form and query are looked at here and nowhere else. */
export function registerRegionRoutes(
  app: FastifyInstance,
  context: WebContext,
  table: readonly RegionRoute[],
): void {
  const running = new Set<Promise<void>>();
  app.addHook('onClose', async () => void (await Promise.all(running)));
  for (const route of table) {
    app.route({
      method: route.method,
      url: `/:region(^[0-9]{2}$)${route.path}`,
      ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
      config: route.upload === undefined ? {} : { upload: route.upload },
      handler: async (request, reply) => await serve(context, running, table, route, request, reply),
    });
  }
}

async function serve(
  context: WebContext,
  running: Set<Promise<void>>,
  table: readonly RegionRoute[],
  route: RegionRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { session } = request;
  if (session === null)
    return await reply.redirect(`/connexion?vers=${encodeURIComponent(request.url)}`, 303);
  const params = request.params as Record<string, string>;
  const region = regionOf(context, params['region'] ?? '');
  const show = (answer: Answer, grants: readonly StandingGrant[]): Promise<FastifyReply> =>
    send(context, reply, { session, region, grants, table, address: request.url }, answer);
  const grants = await rightsOf(context.db, {
    person: session.person,
    issuer: session.issuer,
    region,
    review: context.config.review,
    at: context.now(),
  });
  try {
    const roles = requireOne(route.roles, grants, region.name);
    const person = { id: session.person, displayName: session.displayName };
    const { run, readers, close } = context.openRun(region, person);
    try {
      const answer = await route.handle({
        run,
        readers,
        region,
        publicUrl: context.publicUrl,
        log: context.log,
        person,
        grants,
        roles,
        params,
        query: parsed(route.query, request.query, addressUnreadable),
        form: parsed(route.form, request.body, formInvalid),
        file: request.uploaded,
        later: (work) => outliving(context, running, region, person, work),
        address: request.url,
        token: hiddenToken(session),
      });
      return await show(answer, grants);
    } finally {
      await close();
    }
  } catch (error) {
    if (!(error instanceof FilrorError)) throw error;
    // What is not there, or not for this person, has no form to go back to.
    const closed = statusOf(error) === 404 || error.code === 'NO_GRANT';
    const form = closed ? null : pageOfForm(table, route, request.url, request.body);
    const ways = form === null ? undefined : { back: form, body: request.body };
    return await show({ kind: 'page', ...errorPage(error, ways) }, grants);
  }
}

/** Work that goes on once the answer was sent, with connections of its own. */
async function outliving(
  context: WebContext,
  running: Set<Promise<void>>,
  region: RegionProfile,
  person: Actor,
  work: (run: RunContext) => Promise<void>,
): Promise<void> {
  const { run, close } = context.openRun(region, person);
  const over = work(run)
    .catch((error: unknown) => {
      context.log.error('work after an answer failed', {
        region: region.code,
        error: error instanceof Error ? error.stack : String(error),
      });
    })
    .finally(close)
    .finally(() => running.delete(over));
  running.add(over);
  await over;
}

interface Shown {
  readonly session: Session;
  readonly region: RegionProfile;
  readonly grants: readonly StandingGrant[];
  readonly table: readonly RegionRoute[];
  readonly address: string;
}

async function send(
  context: WebContext,
  reply: FastifyReply,
  shown: Shown,
  answer: Answer,
): Promise<FastifyReply> {
  const { session, region, grants } = shown;
  void reply.header('cache-control', 'no-store');
  switch (answer.kind) {
    case 'seeOther':
      await setNotice(context.db, session.idHash, answer.notice);
      return await reply.redirect(answer.to, 303);
    case 'file':
      if (answer.as === 'download')
        void reply.header('content-disposition', `attachment; filename="${answer.name}"`);
      if (answer.policy !== undefined) void reply.header('content-security-policy', answer.policy);
      if (answer.size !== undefined) void reply.header('content-length', answer.size);
      return await reply.type(answer.type).send(answer.content);
    case 'page': {
      if (session.notice !== null) await setNotice(context.db, session.idHash, null);
      const held = new Set(grants.map((grant) => grant.role));
      const menu = menuFor(shown, held);
      const frame = {
        title: answer.title,
        region: `${region.name}`,
        home:
          STAFF.some((role) => held.has(role)) || !held.has('establishment')
            ? `/${region.code}`
            : `/${region.code}/accord`,
        menu,
        signedIn: {
          name: session.displayName,
          roles: [...held].map((role) => ROLE_WORDS[role]).join(', ') || 'aucun droit ici',
          token: hiddenToken(session),
        },
        notice: session.notice,
        sandbox: region.sandbox,
      };
      return await reply
        .status(answer.status ?? 200)
        .type(HTML_TYPE)
        .send(framed(frame, answer.body));
    }
  }
}

/** The pages that these roles may see, and which of them is shown: what stands under one is of its section. */
function menuFor({ region, table, address }: Shown, held: ReadonlySet<Role>): MenuItem[] {
  const path = address.split('?', 1)[0] ?? '';
  return table.flatMap(({ menu: label, path: under, roles }) => {
    if (label === undefined || !roles.some((role) => held.has(role))) return [];
    const href = `/${region.code}${under}`;
    const within = under !== '' && path.startsWith(`${href}/`);
    return [{ label, href, current: path === href ? 'page' : within ? 'section' : null }];
  });
}

/** @throws DataError `REGION_UNKNOWN` */
export function regionOf(context: WebContext, code: string): RegionProfile {
  const region = context.regions.find((each) => each.code === code);
  if (region !== undefined) return region;
  throw new DataError({
    code: 'REGION_UNKNOWN',
    message: `La région ${code} n’est pas servie ici.`,
    remedy: 'partez de l’accueil, qui montre les régions servies.',
  });
}

/** @param refused what is thrown for a value that does not fit, given its faults in French */
function parsed(
  schema: z.ZodType | undefined,
  value: unknown,
  refused: (checked: Checked<unknown> & { ok: false }) => DataError,
): unknown {
  if (schema === undefined) return undefined;
  const checked = checkedBy(schema, value ?? {});
  if (checked.ok) return checked.data;
  throw refused(checked);
}

function formInvalid({ faults }: { readonly faults: string }): DataError {
  return new DataError({
    code: 'FORM_INVALID',
    message: `Cette demande est incomplète ou mal écrite : ${faults.trim()}`,
    remedy: 'corrigez ce qui est dit, puis recommencez ; rien n’a été enregistré.',
  });
}

/** An address that somebody shortened or typed: which of its parts, not what a schema says of them. */
function addressUnreadable({ cause }: { readonly cause: z.ZodError }): DataError {
  const parts = [...new Set(cause.issues.map(({ path }) => String(path[0] ?? '')))].filter(
    (each) => each !== '',
  );
  const which = parts.length === 0 ? '' : ` (${parts.map((each) => `« ${each} »`).join(', ')})`;
  return new DataError({
    code: 'FORM_INVALID',
    message: `Cette adresse demande un filtre qui n’existe pas ici${which}.`,
    remedy: 'ouvrez la page depuis le menu, puis choisissez parmi ses filtres.',
  });
}
