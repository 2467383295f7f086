import forge from 'node-forge';
import { DataError } from '../domain/errors.js';
import type { TlsIdentity } from '../http/agents.js';

/**
 * Certificate chain and key of a PKCS#12 file (RFC 7292), modern (PBES2, AES) or old (RC2-40, 3DES), which the OpenSSL
 * of Node refuses. The chain begins with the certificate of the key.
 * @throws DataError `CERT_PASSPHRASE`, `CERT_PKCS12`
 */
export function readPkcs12(bytes: Buffer, passphrase: string, place: { readonly file: string }): TlsIdentity {
  const bags = opened(bytes, passphrase, place.file);
  const keys = [...bags(forge.pki.oids['pkcs8ShroudedKeyBag']), ...bags(forge.pki.oids['keyBag'])];
  const key = keys.find((bag) => bag.key || bag.asn1);
  const certificates = bags(forge.pki.oids['certBag']).flatMap((bag) =>
    bag.cert ? [{ cert: bag.cert, id: localKeyId(bag) }] : [],
  );
  if (key === undefined || certificates.length === 0) throw incomplete(place.file);
  const own =
    certificates.find(({ id }) => id !== null && id === localKeyId(key)) ??
    certificates.find(({ cert }) => sameKey(cert, key.key)) ??
    certificates[0];
  const chain = [own, ...certificates.filter((each) => each !== own)];
  return {
    cert: chain.map((each) => (each === undefined ? '' : forge.pki.certificateToPem(each.cert))).join(''),
    key: key.key
      ? forge.pki.privateKeyInfoToPem(forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key.key)))
      : forge.pki.privateKeyInfoToPem(key.asn1),
  };
}

type BagsOf = (type: string | undefined) => readonly forge.pkcs12.Bag[];

/** The cause is kept out of the errors: nothing of a secret file is quoted. */
function opened(bytes: Buffer, passphrase: string, place: string): BagsOf {
  let container: forge.asn1.Asn1;
  try {
    container = forge.asn1.fromDer(bytes.toString('binary'));
  } catch {
    throw new DataError({
      code: 'CERT_PKCS12',
      message: 'Le fichier n’est pas un PKCS#12 (.p12, .pfx).',
      place,
      remedy:
        'redemandez le fichier à l’autorité, ou déclarez format: pem si c’est un texte « -----BEGIN… ».',
    });
  }
  try {
    const p12 = forge.pkcs12.pkcs12FromAsn1(container, true, passphrase);
    return (type) => (type === undefined ? [] : (p12.getBags({ bagType: type })[type] ?? []));
  } catch (error) {
    throw /password/i.test((error as Error).message) ? wrongPassphrase(place) : unknownForm(place);
  }
}

function wrongPassphrase(place: string): DataError {
  return new DataError({
    code: 'CERT_PASSPHRASE',
    message: 'Le mot de passe du fichier PKCS#12 est faux.',
    place,
    remedy: 'vérifiez la variable d’environnement de repository.certificate.passphraseEnv.',
  });
}

function unknownForm(place: string): DataError {
  return new DataError({
    code: 'CERT_PKCS12',
    message: 'Ce fichier PKCS#12 est chiffré d’une façon que filror ne lit pas.',
    place,
    remedy:
      'convertissez-le en PEM : « openssl pkcs12 -legacy -in ror.p12 -nokeys -out ror.pem », puis « openssl pkcs12 -legacy -in ror.p12 -nocerts -out ror.key » ; déclarez ensuite format: pem.',
  });
}

function incomplete(place: string): DataError {
  return new DataError({
    code: 'CERT_PKCS12',
    message: 'Le fichier PKCS#12 ne contient pas à la fois une clé privée et un certificat RSA.',
    place,
    remedy:
      'exportez de nouveau le certificat avec sa clé privée, ou convertissez-le en PEM : « openssl pkcs12 -in ror.p12 -nokeys -out ror.pem », puis « -nocerts -out ror.key ».',
  });
}

function localKeyId(bag: forge.pkcs12.Bag): string | null {
  const attributes = bag.attributes as { readonly localKeyId?: readonly string[] } | undefined;
  return attributes?.localKeyId?.[0] ?? null;
}

function sameKey(cert: forge.pki.Certificate, key: forge.pki.PrivateKey | null | undefined): boolean {
  const [publicKey, privateKey] = [
    cert.publicKey as forge.pki.rsa.PublicKey,
    key as forge.pki.rsa.PrivateKey | null | undefined,
  ];
  return !!privateKey && !!publicKey.n && publicKey.n.equals(privateKey.n);
}
