import { readFileSync } from 'node:fs';
import type { Transporter } from 'nodemailer';
import type { MailConfig } from '../config/schema/mail.js';
import { DataError, RemoteError } from '../domain/errors.js';

/** One message as it leaves, to one address. */
export interface Letter {
  readonly messageId: string;
  /** Message-IDs of its thread, oldest first; empty for the first message or one that stands alone. */
  readonly thread: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
}

/**
 * How the server answered: `refused` for good, for this address; `later`: try this address again; `down`: nothing can be
 * sent at all now. A code and nothing else: what a server says may name people.
 */
export type Sent =
  { readonly result: 'taken' } | { readonly result: 'refused' | 'later' | 'down'; readonly code: string };

export interface Post {
  /** Connects and signs in, sends nothing. */
  check(): Promise<Sent>;
  send(letter: Letter, to: string): Promise<Sent>;
  close(): void;
}

/**
 * The SMTP server of the configuration; null when there is none. One connection for each message: they are few.
 * @throws DataError `MAIL_SECRET`, `MAIL_CA` when the configuration names what is not there
 */
export function openPost(mail: MailConfig, env: NodeJS.ProcessEnv): Post | null {
  const { server, from, fromName } = mail;
  if (server === null || from === null) return null;
  const { host, port, security, user, timeoutSeconds } = server;
  const timeout = timeoutSeconds * 1000;
  const options = {
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === null ? {} : { auth: { user, pass: passwordOf(server.passwordEnv, env) } }),
    tls: { minVersion: 'TLSv1.2', ...(server.caFile === null ? {} : { ca: authorityOf(server.caFile) }) },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
    // A text of ours never names a file or an address to be fetched: should it, nothing is.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as const;
  // Loaded when something is sent: no other command waits for it.
  let opened: Promise<Transporter> | null = null;
  const transport = (): Promise<Transporter> =>
    (opened ??= import('nodemailer').then(({ createTransport }) => createTransport(options)));
  return {
    check: async () => {
      try {
        await (await transport()).verify();
        return { result: 'taken' };
      } catch (error) {
        return { ...answerOf(error), result: 'down' } as Sent;
      }
    },
    send: async ({ messageId, thread, subject, text, date }, to) => {
      const known = thread.map((id) => `<${id}>`);
      try {
        await (
          await transport()
        ).sendMail({
          from: { name: fromName, address: from },
          to: { name: '', address: to },
          envelope: { from, to },
          messageId: `<${messageId}>`,
          date,
          subject,
          text,
          encoding: 'utf-8',
          textEncoding: 'quoted-printable',
          xMailer: false,
          ...(known.length === 0 ? {} : { inReplyTo: known.at(-1) as string, references: known }),
          // RFC 3834, 5: out-of-office answers are not wanted; the second is the same for Exchange.
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        });
        return { result: 'taken' };
      } catch (error) {
        return answerOf(error);
      }
    },
    close: () => void opened?.then((each) => each.close()),
  };
}

interface SmtpFault {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

/**
 * RFC 5321, 4.2.1: 5yz is for good, 4yz for now; 421 closes the channel whatever it answers (3.8). Before RCPT, the
 * answer is about us, not about an address: of whoever greets us or signs us in, nothing can be sent; of MAIL FROM, this
 * message waits, since `from` of mail.yaml can be mended, and the server is there all the same.
 */
function answerOf(error: unknown): Sent {
  const { code, command = '', responseCode } = error as SmtpFault;
  if (typeof code !== 'string') throw error;
  const told = responseCode === undefined ? code : `SMTP ${responseCode}`;
  // Refused before anything was asked of the server: this address or this text will never pass.
  if (responseCode === undefined && (code === 'EENVELOPE' || code === 'EMESSAGE'))
    return { result: 'refused', code: told };
  if (responseCode !== undefined && responseCode !== 421 && command === 'MAIL FROM')
    return { result: 'later', code: told };
  const aboutAddress = command === 'RCPT TO' || command === 'DATA';
  if (responseCode === undefined || responseCode === 421 || !aboutAddress)
    return { result: 'down', code: told };
  return { result: responseCode >= 500 && responseCode !== 503 ? 'refused' : 'later', code: told };
}

function passwordOf(name: string, env: NodeJS.ProcessEnv): string {
  const password = env[name] ?? '';
  if (password !== '') return password;
  throw new DataError({
    code: 'MAIL_SECRET',
    message: `Le mot de passe du compte SMTP n’est pas là : la variable ${name} est vide.`,
    place: 'mail.yaml, server.passwordEnv',
    remedy: `donnez ${name} au service (fichier d’environnement de systemd, secret du conteneur), puis relancez-le.`,
  });
}

function authorityOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new DataError({
      code: 'MAIL_CA',
      message: `Le certificat de l’autorité ${file} ne peut pas être lu.`,
      place: 'mail.yaml, server.caFile',
      remedy: 'vérifiez le chemin et les droits de lecture de ce compte.',
      cause,
    });
  }
}

/** Nobody can be written to. */
export function mailOff(): DataError {
  return new DataError({
    code: 'MAIL_OFF',
    message: 'Aucun serveur de courrier n’est configuré : filror n’envoie rien.',
    place: 'mail.yaml, server',
    remedy:
      'donnez « server » et « from » dans mail.yaml, puis essayez au terminal « filror mail test --to ADRESSE ».',
  });
}

/** The server cannot be reached, or wants nothing of us. */
export function mailDown(mail: MailConfig, code: string): RemoteError {
  const { host = '', port = 0 } = mail.server ?? {};
  return new RemoteError({
    code: 'MAIL_DOWN',
    message: `Le serveur de courrier ${host}:${port} ne prend rien pour l’instant (${code}). Les courriels attendent, aucun n’est perdu.`,
    place: 'mail.yaml, server',
    remedy:
      code === 'EAUTH' || code.startsWith('SMTP 53')
        ? 'vérifiez « user » et la variable du mot de passe, puis au terminal « filror mail test --to ADRESSE ».'
        : 'vérifiez adresse, port, chiffrement et expéditeur de mail.yaml et que le serveur répond ; filror réessaie de lui-même.',
    transient: true,
  });
}
