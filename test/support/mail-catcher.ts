import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A message as the catcher took it. */
export interface Caught {
  readonly to: string;
  readonly from: string;
  /** Header fields, unfolded and decoded (RFC 2047); names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly raw: string;
  readonly secure: boolean;
}

export interface MailCatcher {
  readonly port: number;
  readonly caught: Caught[];
  /** Answers the next messages so, by address (of the sender for `from`); null: takes them. */
  rule: (stage: 'from' | 'rcpt' | 'data', to: string) => number | null;
  close(): Promise<void>;
}

/** A real SMTP server of this machine, which keeps what it takes. */
export async function startCatcher(options: SMTPServerOptions = {}, port = 0): Promise<MailCatcher> {
  const catcher = { port: 0, caught: [] as Caught[], rule: (() => null) as MailCatcher['rule'] };
  const refusal = (code: number): Error =>
    Object.assign(new Error('unknown user someone@exemple.fr'), { responseCode: code });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key === undefined ? ['STARTTLS'] : [],
    logger: false,
    onMailFrom: ({ address }, _session, done) => {
      const code = catcher.rule('from', address);
      done(code === null ? null : refusal(code));
    },
    onRcptTo: ({ address }, _session, done) => {
      const code = catcher.rule('rcpt', address);
      done(code === null ? null : refusal(code));
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo[0]?.address ?? '';
        const code = catcher.rule('data', to);
        if (code !== null) return done(refusal(code));
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
        catcher.caught.push({
          to,
          from,
          secure: session.secure,
          ...parsed(Buffer.concat(parts).toString('latin1')),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  catcher.port = (server.server.address() as AddressInfo).port;
  return Object.assign(catcher, {
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}

function parsed(raw: string): Pick<Caught, 'headers' | 'text' | 'raw'> {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const fields = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Map(
    fields.map((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon).toLowerCase(), decoded(field.slice(colon + 1).trim())] as const;
    }),
  );
  return { headers, text: quotedPrintable(rest.join('\r\n\r\n')).replaceAll('\r\n', '\n'), raw };
}

/** RFC 2047: encoded words, those that follow one another without the space between. */
function decoded(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_all, encoding: string, word: string) =>
      encoding.toUpperCase() === 'B'
        ? Buffer.from(word, 'base64').toString('latin1')
        : word.replaceAll('_', ' ').replace(/=([0-9A-F]{2})/gi, (_hex, code: string) => byte(code)),
    )
    .replace(/[\x80-\xff]+/g, (bytes) => Buffer.from(bytes, 'latin1').toString('utf8'));
}

function quotedPrintable(body: string): string {
  const bytes = body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/gi, (_hex, code: string) => byte(code));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function byte(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 16));
}
