import { RemoteError } from '../../domain/errors.js';
import { uid } from './folder.js';
import { run } from './processes.js';

/** The account that runs the server; null means ours. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Debian's and most images' name, then the one that we create. */
const KNOWN_ACCOUNTS = ['postgres', 'filror'] as const;

/**
 * PostgreSQL refuses to run as root. As root: the `postgres` account, else a system account `filror`, created
 * without home nor shell. As anybody else: that person's own account.
 * @throws RemoteError `PG_NO_ACCOUNT` when root cannot create the account, with the command to type.
 */
export async function serverAccount(): Promise<ServerAccount | null> {
  if (uid() !== 0) return null;
  for (const name of KNOWN_ACCOUNTS) {
    const found = await lookup(name);
    if (found !== null) return found;
  }
  const attempts: readonly (readonly [string, readonly string[]])[] = [
    ['useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'filror']],
    ['adduser', ['-S', '-D', '-H', 'filror']],
  ];
  const said: string[] = [];
  for (const [file, args] of attempts) {
    const { output } = await run(file, args);
    const created = await lookup('filror');
    if (created !== null) return created;
    said.push(output.trim());
  }
  throw new RemoteError({
    code: 'PG_NO_ACCOUNT',
    message: `PostgreSQL refuse de fonctionner sous le compte root, et aucun compte système n’a pu être créé (${said.join(' ; ')}).`,
    remedy:
      'créez un compte système (« useradd --system filror »), lancez filror sous un compte ordinaire, ou donnez une base existante dans DATABASE_URL.',
  });
}

async function lookup(name: string): Promise<ServerAccount | null> {
  const [user, group] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  if (user.status !== 0 || group.status !== 0) return null;
  return { name, uid: Number(user.output.trim()), gid: Number(group.output.trim()) };
}
