import type { RegionProfile } from '../config/schema/region.js';
import { bringForward, isMailDue } from '../db/mail-messages.js';
import { decide } from './decide.js';
import { deliver, type Delivered } from './deliver.js';
import type { MailContext } from './context.js';

const IDLE: Delivered = { messages: 0, recipients: 0, refused: 0, later: 0, down: null };

/** Whether mail is on for a region: a server, and somebody to write to. */
export function isMailOn(
  { config }: Pick<MailContext, 'config'>,
  region: Pick<RegionProfile, 'code'>,
): boolean {
  return config.mail.server !== null && config.mail.regions[region.code] !== undefined;
}

/** Decides what is to be told in a region, then sends what waits. Nothing at all where mail is off. */
export async function mailRound(
  context: MailContext,
  region: RegionProfile,
  when: 'due' | 'now',
): Promise<Delivered> {
  if (!isMailOn(context, region)) return IDLE;
  await decide(context, region);
  if (when === 'now') await bringForward(context.db, region.code);
  if (!(await isMailDue(context.db, region.code))) return IDLE;
  const post = context.openPost();
  if (post === null) return IDLE;
  try {
    return await deliver(context, region, post, when);
  } finally {
    post.close();
  }
}
