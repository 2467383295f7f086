import { randomBytes } from 'node:crypto';
import { openPages } from '../../src/cli/serve.js';
import { identifyPerson } from '../../src/db/person.js';
import { confirmGrant, type Role } from '../../src/db/people.js';
import { beginSession } from '../../src/db/sessions.js';
import { silentLogger } from '../../src/observe/logger.js';
import { trialList } from './region-run.js';
import { openWorld, type World, type WorldOptions } from '../scenarios/world.js';

/** A region with its repository, and the pages on it, as `filror serve` serves them. */
export interface WebWorld extends World {
  readonly url: string;
  /** The server itself; closed with the world at the latest. */
  readonly pages: { close(): Promise<void> };
  /** A browser without scripts that is signed in with these rights, by a session made here. */
  visitor(roles: readonly Role[], name?: string): Promise<Visitor>;
}

export async function openWebWorld(options: Partial<WorldOptions> = {}): Promise<WebWorld> {
  const world = await openWorld({ list: trialList([{ number: 1 }]), ...options });
  const { config, region } = world.context;
  const opened = await openPagesOn({ database: world.database, config, region, secret: world.secret });
  return {
    ...world,
    ...opened,
    close: async () => {
      await opened.pages.close();
      await world.close();
    },
  };
}

/** The pages on a region that something else made, which stays open when they close. */
export async function openPagesOn({
  database,
  config,
  region,
  secret,
}: Pick<World, 'database' | 'secret'> & Pick<World['context'], 'config' | 'region'>): Promise<
  Pick<WebWorld, 'url' | 'pages' | 'visitor'>
> {
  const pages = await openPages(
    { env: {}, out: () => Promise.resolve(), err: () => undefined },
    {
      config,
      regions: [region],
      port: 0,
      database,
      log: silentLogger,
      env: { FILROR_ROR_SECRET: secret },
    },
  );
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => (closing ??= pages.close());
  return {
    url: pages.url,
    pages: { close },
    visitor: async (roles, name = `Personne d’essai ${roles.join(' ')}`) => {
      const at = new Date();
      const id = await identifyPerson(database.app, {
        issuer: 'https://emetteur.invalid',
        subject: name,
        displayName: name,
      });
      for (const role of roles)
        await confirmGrant(database.app, { person: id, role, region: region.code, at });
      const token = randomBytes(32).toString('base64url');
      const csrf = randomBytes(32).toString('base64url');
      const expiresAt = new Date(at.getTime() + 3_600_000);
      await beginSession(database.app, { token, person: id, csrf, at, expiresAt });
      return new Visitor(pages.url, new Map([['filror', token]]), csrf);
    },
  };
}

/** What came back, with the text read. */
export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A browser without scripts: it keeps cookies and follows what it is told to by hand. */
export class Visitor {
  constructor(
    readonly url: string,
    readonly cookies = new Map<string, string>(),
    readonly csrf = '',
  ) {}

  async get(path: string): Promise<Shown> {
    return await this.#ask(new URL(path, this.url), {});
  }

  /** Sends a form as a page of this session would; `change` overrides headers and the token. */
  async post(
    path: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Shown> {
    return await this.#ask(new URL(path, this.url), {
      method: 'POST',
      body: new URLSearchParams({ _jeton: this.csrf, ...form }),
      headers: { origin: this.url, 'sec-fetch-site': 'same-origin', ...headers },
    });
  }

  /** Follows redirects, to other hosts too, as a browser does. */
  async follow(from: URL, init: RequestInit = {}): Promise<Shown & { readonly at: URL }> {
    let [at, shown] = [from, await this.#ask(from, init)];
    for (let hops = 0; shown.status >= 300 && shown.status < 400; hops++) {
      if (hops > 10) throw new Error('too many redirects');
      at = new URL(shown.headers.get('location') ?? '', at);
      shown = await this.#ask(at, {});
    }
    return { ...shown, at };
  }

  /** One request, redirects not followed. */
  async step(at: URL, init: RequestInit): Promise<Shown> {
    return await this.#ask(at, init);
  }

  async #ask(url: URL, init: RequestInit): Promise<Shown> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string> | undefined), cookie };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
}
