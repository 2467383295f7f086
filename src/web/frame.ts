import type { FastifyReply } from 'fastify';
import type { Html } from '../domain/html.js';
import { framed } from './layout.js';

/** Written out: some browsers guess otherwise. */
export const HTML_TYPE = 'text/html; charset=utf-8';

/** A page outside of any region: sign-in, errors, accessibility. */
export async function outsidePage(
  reply: FastifyReply,
  page: { readonly title: string; readonly body: Html; readonly status?: number },
): Promise<FastifyReply> {
  const text = framed(
    {
      title: page.title,
      region: null,
      home: '/',
      menu: [],
      signedIn: null,
      notice: null,
      sandbox: false,
    },
    page.body,
  );
  return await reply
    .status(page.status ?? 200)
    .type(HTML_TYPE)
    .header('cache-control', 'no-store')
    .send(text);
}
