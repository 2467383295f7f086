import { createServer, type AddressInfo } from 'node:net';
import { DataError, RefusalError } from '../domain/errors.js';

/** @throws DataError `PORT_INVALID` */
export function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new DataError({
    code: 'PORT_INVALID',
    message: `« ${text} » n’est pas un port.`,
    place: '--port',
    remedy: 'donnez un nombre de 0 à 65535 ; 0 prend un port libre.',
  });
}

/**
 * The port, when it is free now; 0 becomes one that is.
 * @throws RefusalError `PORT_TAKEN`, `PORT_RESERVED`, `HOST_NOT_OURS`
 */
export async function freePort(host: string, port: number): Promise<number> {
  const probe = createServer();
  await listening(host, port, () => {
    return new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen(port, host, resolve);
    });
  });
  const { port: found } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return found;
}

/** Starts something that listens; why it cannot is told in French. @throws RefusalError as `freePort` */
export async function listening<T>(host: string, port: number, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw explained(error, host, port);
  }
}

/** By the system's error code (listen(2), bind(2)); any other error keeps its stack. */
function explained(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const place = `${host}:${String(port)}`;
  if (code === 'EADDRINUSE')
    return new RefusalError({
      code: 'PORT_TAKEN',
      message: `Le port ${String(port)} est déjà pris par un autre programme, peut-être un filror qui sert déjà ses pages.`,
      place,
      remedy:
        'arrêtez l’autre programme (Ctrl+C dans son terminal), ou donnez un autre port avec --port ; --port 0 en prend un libre.',
      cause: error,
    });
  if (code === 'EACCES')
    return new RefusalError({
      code: 'PORT_RESERVED',
      message: `Ce compte n’a pas le droit d’écouter sur le port ${String(port)}.`,
      place,
      remedy: 'donnez avec --port un port au-dessus de 1023.',
      cause: error,
    });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new RefusalError({
      code: 'HOST_NOT_OURS',
      message: `L’adresse d’écoute « ${host} » n’est pas une adresse de cette machine.`,
      place,
      remedy:
        'donnez une adresse de cette machine (« host » de web.yaml, ou --host) : 127.0.0.1, ou 0.0.0.0.',
      cause: error,
    });
  return error;
}
