import { RemoteError } from '../domain/errors.js';
import { codeOf } from './connection-errors.js';
import type { Database } from './handle.js';

/**
 * After the migrations: makes the application's login a member of `filror_app`, which carries its rights, when it
 * is not one already. The embedded server's login always is.
 * @throws RemoteError `DB_ROLE` with the statement for the administrator, when the owner may not grant it.
 */
export async function ensureApplicationRole({ app, owner, place }: Database): Promise<void> {
  const { rows } = await app.raw<{ rows: { login: string; member: boolean }[] }>(
    `select current_user as login,
            coalesce((select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = 'filror_app'),
                     false)
            or pg_has_role(current_user, (select relowner from pg_class where oid = 'public.journal'::regclass),
                           'usage') as member`,
  );
  const [application] = rows;
  if (application === undefined || application.member) return;
  try {
    await owner.raw('grant filror_app to ??', [application.login]);
  } catch (error) {
    if (!(error instanceof Error) || codeOf(error) !== '42501') throw error;
    throw new RemoteError({
      code: 'DB_ROLE',
      message: `Le compte « ${application.login} » n’est pas membre du rôle filror_app, et le propriétaire ne peut pas l’y ajouter.`,
      place,
      remedy: `demandez à l’administrateur de la base : GRANT filror_app TO "${application.login}";`,
      cause: error,
    });
  }
}
