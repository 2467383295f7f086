import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { fastify, type FastifyInstance } from 'fastify';
import { registerApi } from './api/serve.js';
import { registerAssets } from './assets.js';
import type { WebContext } from './context.js';
import { registerBorder } from './border.js';
import { registerErrors } from './errors.js';
import { registerHealth } from './health.js';
import { registerPlain } from './plain.js';
import { registerRegionRoutes } from './region-routes.js';
import type { RegionRoute } from './route.js';
import { routes } from './routes.js';
import { registerSessions } from './session.js';
import { registerSignedLinks } from './signed-link.js';
import { registerSignIn } from './sign-in.js';
import { registerUploads } from './upload.js';

/** Bytes of a form, unless its route says otherwise. */
const BODY_LIMIT = 64 * 1024;
/** Requests a minute from one address: far beyond what a person does, far below what guessing needs. */
const PER_MINUTE = 600;

/**
 * The pages, ready to listen. Nothing is fetched from elsewhere, no script or style stands in a page: the policy sent
 * with every answer says so (CSP level 3).
 * @param table addresses of a region: all of them, unless a test looks at one of its own
 */
export async function buildServer(
  context: WebContext,
  table: readonly RegionRoute[] = routes,
): Promise<FastifyInstance> {
  const tls = context.publicUrl.startsWith('https:');
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    trustProxy: context.config.web.trustProxy,
    routerOptions: { maxParamLength: 300 },
    // The product's own logger tells what matters; addresses may hold names.
    logger: false,
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    strictTransportSecurity: tls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  });
  await app.register(rateLimit, { global: true, max: PER_MINUTE, timeWindow: '1 minute' });
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: BODY_LIMIT });
  await registerUploads(app);
  registerErrors(app, context);
  registerHealth(app, context);
  registerAssets(app);
  registerSessions(app, context);
  registerBorder(app);
  await registerSignIn(app, context);
  registerPlain(app, context);
  registerSignedLinks(app, context);
  registerRegionRoutes(app, context, table);
  await registerApi(app, context);
  return app;
}
