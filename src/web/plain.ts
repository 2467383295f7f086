import type { FastifyInstance } from 'fastify';
import { html } from '../domain/html.js';
import { rightsOf } from './access.js';
import type { WebContext } from './context.js';
import { outsidePage } from './frame.js';

/** Pages that belong to no region. */
export function registerPlain(app: FastifyInstance, context: WebContext): void {
  app.get('/', async (request, reply) => {
    if (request.session === null) return reply.redirect('/connexion', 303);
    const [only, ...others] = context.regions;
    if (only !== undefined && others.length === 0) {
      const { person, issuer } = request.session;
      const { review } = context.config;
      const grants = await rightsOf(context.db, { person, issuer, region: only, review, at: context.now() });
      // An establishment's people have a page of their own, and no other.
      const own = grants.length > 0 && grants.every(({ role }) => role === 'establishment');
      return reply.redirect(`/${only.code}${own ? '/accord' : ''}`, 303);
    }
    return await outsidePage(reply, {
      title: 'Régions',
      body: html`<h1>Régions</h1>
        <ul>
          ${context.regions.map((region) => html`<li><a href="/${region.code}">${region.name}</a></li>`)}
        </ul>`,
    });
  });
  app.get('/accessibilite', async (_request, reply) => {
    return await outsidePage(reply, {
      title: 'Accessibilité',
      body: html`<h1>Accessibilité</h1>
        <p>
          Ces pages visent le RGAA 4.1. Elles s’utilisent au clavier, à 200 % et à 320 pixels de large, sans
          script, en thème clair ou sombre. Ce qui a été contrôlé, et comment, est décrit dans
          <code>ops/accessibilite.md</code>.
        </p>
        <p>Une difficulté ? Dites-la à l’exploitant de votre région : elle sera traitée comme une panne.</p>`,
    });
  });
}
