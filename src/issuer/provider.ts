import type Provider from 'oidc-provider';
import type { Configuration } from 'oidc-provider';

/**
 * What the library says each time of what is meant here. It says the first of every Node.js before 22, while what we ask
 * of it works on 20 (tests sign in and get tokens there); the second is right: these issuers live as long as they run.
 */
const MEANT = [
  'oidc-provider WARNING: Unsupported runtime. ',
  'oidc-provider WARNING: a quick start development-only in-memory adapter is used',
];

/** The library, loaded and set up, without those two lines; anything else that it says is said. */
export async function newProvider(url: string, configuration: Configuration): Promise<Provider> {
  /* eslint-disable no-console -- the library prints by it alone, and cannot be told not to. */
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    const text = String(words[0]);
    if (!MEANT.some((line) => text.includes(line))) warn(...words);
  };
  try {
    const { default: Library } = await import('oidc-provider');
    return new Library(url, configuration);
  } finally {
    console.warn = warn;
  }
  /* eslint-enable no-console */
}
