import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { CHART_STYLE } from './charts/style.js';

/** `src/web/assets` of the package, from src/web as from dist/web. */
const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src', 'web', 'assets');

const FILES: readonly {
  readonly name: string;
  readonly type: string;
  readonly content: () => string | Buffer;
}[] = [
  {
    name: 'style.css',
    type: 'text/css; charset=utf-8',
    content: () => readFileSync(join(folder, 'style.css')),
  },
  {
    name: 'page.js',
    type: 'text/javascript; charset=utf-8',
    content: () => readFileSync(join(folder, 'page.js')),
  },
  { name: 'icon.svg', type: 'image/svg+xml', content: () => readFileSync(join(folder, 'icon.svg')) },
  { name: 'charts.css', type: 'text/css; charset=utf-8', content: () => CHART_STYLE },
  {
    name: 'htmx.js',
    type: 'text/javascript; charset=utf-8',
    content: () => readFileSync(createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js')),
  },
];

/** What the pages need beside themselves: five files, read once, all from the package. */
export function registerAssets(app: FastifyInstance): void {
  for (const { name, type, content: read } of FILES) {
    const content = read();
    app.get(`/assets/${name}`, async (_request, reply) => {
      return await reply.type(type).header('cache-control', 'public, max-age=3600').send(content);
    });
  }
}
