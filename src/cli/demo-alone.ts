import { holdDatabase } from '../db/one-holder.js';
import { RefusalError } from '../domain/errors.js';
import type { CommandContext } from './context.js';
import { freePort } from './port.js';

/** Database of its own: the demonstration never touches real work. */
export const DEMO_DATABASE = 'filror_demo';

/** What is served must have its port before anything of an earlier demonstration is touched. */
export async function aloneOnPort(
  context: CommandContext,
  served: { readonly what: 'pages' | 'API'; readonly host: string; readonly port: number },
  work: (port: number) => Promise<void>,
): Promise<void> {
  const { what, host, port } = served;
  const shown = port === 0 ? '' : `, ${what} http://${host}:${String(port)}`;
  await alone(context, `processus ${String(process.pid)}${shown}`, async () => {
    await work(await freePort(host, port));
  });
}

/**
 * One demonstration at a time on a server: its database is made anew, and another would pull it from under this one.
 * @throws RefusalError `DEMO_RUNNING`
 */
export async function alone(context: CommandContext, who: string, work: () => Promise<void>): Promise<void> {
  const right = await holdDatabase(DEMO_DATABASE, who, { env: context.env });
  if (right.state === 'taken') {
    throw new RefusalError({
      code: 'DEMO_RUNNING',
      message: `Une démonstration tourne déjà (${right.holder}) ; une seconde effacerait sa base « ${DEMO_DATABASE} ».`,
      remedy:
        'servez-vous de celle qui tourne, ou arrêtez-la d’abord : Ctrl+C dans son terminal, ou « kill » et le numéro du processus.',
    });
  }
  try {
    await work();
  } finally {
    await right.release();
  }
}

/** The embedded server outlives every command on purpose; one of ours (DATABASE_URL) is not ours to stop. */
export function databaseLeft({ env }: CommandContext): string[] {
  if (env['DATABASE_URL']) return [];
  return ['La base embarquée reste en marche pour la commande suivante ; « npx filror db stop » l’arrête.'];
}
