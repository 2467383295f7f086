import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RegionProfile } from '../config/schema/region.js';
import { DataError } from '../domain/errors.js';
import type { TlsIdentity } from '../http/agents.js';
import { readPkcs12 } from './auth-pkcs12.js';

type Settings = NonNullable<RegionProfile['repository']['certificate']>;
type Env = Readonly<Record<string, string | undefined>>;

/** A client certificate that was read whole, its key checked against it. */
export interface ClientCertificate {
  readonly identity: TlsIdentity;
  /** Common name or, without one, the whole subject: an organisation's, no person's. */
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/**
 * The certificate of a region, read again from disk at each call, so that a renewed one needs no restart. Between the
 * two writes of a renewal the files do not go together: the last good one then serves, and that is told.
 */
export class CertificateFile {
  #last: ClientCertificate | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly env: Env,
    private readonly onNotice: (notice: DataError) => void = () => undefined,
  ) {}

  /** @throws DataError `CERT_…` when no certificate was ever read. */
  current(): ClientCertificate {
    try {
      this.#last = readCertificate(this.settings, this.env);
    } catch (error) {
      if (!(error instanceof DataError) || this.#last === null) throw error;
      this.onNotice(error);
    }
    return this.#last;
  }
}

/** @throws DataError `CERT_UNREADABLE`, `CERT_PASSPHRASE`, `CERT_KEY`, `CERT_PKCS12`; no secret in any of them. */
export function readCertificate(settings: Settings, env: Env): ClientCertificate {
  const passphrase = passphraseOf(settings, env);
  if (settings.format === 'pkcs12')
    return checked(readPkcs12(file(settings.file), passphrase ?? '', settings), settings.file);
  const cert = file(settings.certFile).toString('utf8');
  const key = decryptedKey(file(settings.keyFile).toString('utf8'), passphrase, settings.keyFile);
  return checked({ cert, key }, settings.certFile);
}

function passphraseOf({ passphraseEnv }: Settings, env: Env): string | null {
  if (passphraseEnv === null) return null;
  const passphrase = env[passphraseEnv];
  if (passphrase !== undefined && passphrase !== '') return passphrase;
  throw new DataError({
    code: 'CERT_PASSPHRASE',
    message: `Le mot de passe du certificat manque : la variable d’environnement ${passphraseEnv} est vide.`,
    place: 'repository.certificate.passphraseEnv',
    remedy: `posez ${passphraseEnv} dans l’environnement du service (jamais dans un fichier de configuration).`,
  });
}

function file(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new DataError({
      code: 'CERT_UNREADABLE',
      message: `Le fichier ${path} ne peut pas être lu (${(cause as NodeJS.ErrnoException).code ?? 'erreur'}).`,
      place: path,
      remedy: 'vérifiez le chemin dans repository.certificate, et que ce compte peut lire le fichier.',
    });
  }
}

/** The key without its passphrase, so that the rest of the program never meets it. The cause is kept out: it may quote. */
function decryptedKey(pem: string, passphrase: string | null, place: string): string {
  try {
    const key = createPrivateKey({ key: pem, ...(passphrase === null ? {} : { passphrase }) });
    return key.export({ format: 'pem', type: 'pkcs8' }).toString();
  } catch {
    throw new DataError({
      code: 'CERT_PASSPHRASE',
      message: 'La clé privée ne s’ouvre pas : ce n’est pas une clé PEM, ou son mot de passe est faux.',
      place,
      remedy:
        'vérifiez le fichier de la clé et la variable d’environnement de son mot de passe (passphraseEnv).',
    });
  }
}

function checked(identity: TlsIdentity, place: string): ClientCertificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(identity.cert);
  } catch {
    throw new DataError({
      code: 'CERT_UNREADABLE',
      message: 'Le fichier ne contient pas de certificat PEM.',
      place,
      remedy:
        'un certificat PEM commence par « -----BEGIN CERTIFICATE----- » ; un .p12 se déclare en format: pkcs12.',
    });
  }
  if (!certificate.checkPrivateKey(createPrivateKey(identity.key)))
    throw new DataError({
      code: 'CERT_KEY',
      message: 'La clé privée n’est pas celle du certificat.',
      place,
      remedy: 'mettez ensemble le certificat et la clé de la même demande ; remplacez les deux fichiers.',
    });
  return {
    identity,
    subject: /(?:^|\n)CN=(.+)/.exec(certificate.subject)?.[1] ?? certificate.subject.replaceAll('\n', ', '),
    issuer: /(?:^|\n)CN=(.+)/.exec(certificate.issuer)?.[1] ?? certificate.issuer.replaceAll('\n', ', '),
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
  };
}
