import { createServer, type Server, type ServerOptions } from 'node:https';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { DataError } from '../domain/errors.js';
import { TOKEN_PATH } from './server.js';
import { REFUSED, type Tokens } from './tokens.js';

export interface MtlsOptions {
  readonly tokens: Tokens;
  /** The server's own certificate and key, PEM. */
  readonly cert: string;
  readonly key: string;
  /** PEM of the authority that clients' certificates must come from. */
  readonly clientCa: string;
  /** A wrong certificate is refused by a TLS alert, or heard and answered 401 `invalid_client`: servers do either. */
  readonly refusal: 'handshake' | 'answer';
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** A free one by default. */
  readonly port?: number;
}

export interface MtlsTokenServer {
  readonly tokenUrl: string;
  /** Serial numbers of the certificates that got a token, oldest first. */
  readonly served: readonly string[];
  /** Bodies of all token requests. */
  readonly forms: readonly URLSearchParams[];
  close(): Promise<void>;
}

/**
 * A token endpoint over mutual TLS (RFC 8705), as the ROR has from access profile 1 on: the certificate replaces the
 * secret. Only the token is asked here; FHIR requests go to the sandbox, by plain bearer token.
 * @throws DataError `SANDBOX_TLS` on certificates or a key that TLS refuses, `SANDBOX_PORT` on a port that cannot be had.
 */
export async function startMtlsTokenServer(options: MtlsOptions): Promise<MtlsTokenServer> {
  const served: string[] = [];
  const forms: URLSearchParams[] = [];
  const tls: ServerOptions = {
    cert: options.cert,
    key: options.key,
    ca: options.clientCa,
    requestCert: true,
    rejectUnauthorized: options.refusal === 'handshake',
  };
  const server = tlsServer(tls, (request, response) => {
    void bodyOf(request).then((text) => {
      const form = new URLSearchParams(text);
      forms.push(form);
      const socket = request.socket as TLSSocket;
      const right = request.method === 'POST' && request.url === TOKEN_PATH;
      if (!right) return send(response, 404, { error: 'not_found' });
      if (!socket.authorized) return send(response, REFUSED.status, REFUSED.body);
      const { status, body } = options.tokens.grantCertified(form);
      if (status === 200) served.push(socket.getPeerCertificate().serialNumber);
      send(response, status, body);
    });
  });
  const { host = '127.0.0.1', port: wanted = 0 } = options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new DataError({
          code: 'SANDBOX_PORT',
          message: `Le point de jeton mTLS ne peut pas écouter sur ${host}:${wanted} : ${cause.message}`,
          remedy: 'arrêtez ce qui occupe ce port, ou choisissez-en un autre par --tls-port.',
          cause,
        }),
      ),
    );
    server.listen(wanted, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    tokenUrl: `https://${host.includes(':') ? `[${host}]` : host}:${port}${TOKEN_PATH}`,
    served,
    forms,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tlsServer(tls: ServerOptions, answer: RequestListener): Server {
  try {
    return createServer(tls, answer);
  } catch (cause) {
    throw new DataError({
      code: 'SANDBOX_TLS',
      message: `Le point de jeton mTLS n’accepte pas son certificat, sa clé ou l’autorité : ${(cause as Error).message}`,
      place: '--tls-cert, --tls-key, --client-ca',
      remedy:
        'donnez trois fichiers PEM : le certificat du serveur, sa clé sans mot de passe, l’autorité des clients.',
      cause,
    });
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

function send(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    .end(JSON.stringify(body));
}
