import { z } from 'zod';
import { html, type Html } from '../../domain/html.js';

/** Hash of what was shown: whatever is decided is bound to it (DESIGN 3.9). */
export const shownHash = z.string().regex(/^[0-9a-f]{64}$/);

/** Hidden fields of a form that decides on something shown: the session's token, and its hash. */
export function shownFields(token: Html, { hash }: { readonly hash: string }): Html {
  return html`${token}<input type="hidden" name="empreinte" value="${hash}" />`;
}
