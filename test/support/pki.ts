import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

/** A certificate authority, or what it signed: made when the test runs, never kept. */
export interface Certified {
  readonly name: string;
  readonly cert: string;
  readonly key: string;
  /** As TLS shows it: upper-case hexadecimal. */
  readonly serial: string;
}

const DAY = 86_400_000;
let serials = 0x10;

function keyPair(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();
}

function sign(
  name: string,
  issuer: Certified | null,
  days: readonly [from: number, to: number],
  extensions: object[],
  now: Date,
): Certified {
  const key = keyPair();
  const privateKey = forge.pki.privateKeyFromPem(key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e);
  certificate.serialNumber = (++serials).toString(16);
  certificate.validity.notBefore = new Date(now.getTime() + days[0] * DAY);
  certificate.validity.notAfter = new Date(now.getTime() + days[1] * DAY);
  const utf8 = forge.asn1.Type.UTF8 as unknown as forge.asn1.Class;
  const named = (value: string) => [{ name: 'commonName', value, valueTagClass: utf8 }];
  certificate.setSubject(named(name));
  certificate.setIssuer(named(issuer?.name ?? name));
  certificate.setExtensions(extensions);
  certificate.sign(
    issuer === null ? privateKey : forge.pki.privateKeyFromPem(issuer.key),
    forge.md.sha256.create(),
  );
  return {
    name,
    cert: forge.pki.certificateToPem(certificate),
    key,
    serial: certificate.serialNumber.toUpperCase(),
  };
}

export function authority(name: string, now = new Date()): Certified {
  const extensions = [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, critical: true },
  ];
  return sign(name, null, [-800, 800], extensions, now);
}

/** A server of this machine. */
export function serverOf(ca: Certified): Certified {
  const names = { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] };
  return sign('127.0.0.1', ca, [-1, 300], [names, { name: 'extKeyUsage', serverAuth: true }], new Date());
}

/** @param days from and to, counted from now: [-400, -1] has expired. */
export function clientOf(
  ca: Certified,
  name: string,
  days: readonly [from: number, to: number] = [-1, 300],
  now = new Date(),
): Certified {
  return sign(name, ca, days, [{ name: 'extKeyUsage', clientAuth: true }], now);
}

/** PKCS#12 as today's tools write it: AES, PBES2. */
export function modernPkcs12(own: Certified, ca: Certified, passphrase: string): Buffer {
  return der(container(own, ca, passphrase, 'aes256'));
}

/** PKCS#12 as it was written for twenty years: key under 3DES, certificates under RC2 of 40 bits. */
export function oldPkcs12(own: Certified, ca: Certified, passphrase: string): Buffer {
  const { asn1, pki } = forge;
  const pfx = container(own, ca, passphrase, '3des');
  const octets = child(child(child(pfx, 1), 1), 0);
  const safes = asn1.fromDer(octets.value as string);
  const [certificates, ...others] = safes.value as forge.asn1.Asn1[];
  if (certificates === undefined) throw new TypeError('forge writes the certificates first');
  const plain = child(child(certificates, 1), 0).value as string;
  const salt = forge.random.getBytesSync(8);
  const cipher = forge.rc2.createEncryptionCipher(derived(passphrase, salt, 1, 5), 40);
  cipher.start(derived(passphrase, salt, 2, 8));
  cipher.update(forge.util.createBuffer(plain));
  cipher.finish();
  const encrypted = sequence(
    oid(pki.oids['encryptedData']),
    tagged(
      0,
      sequence(
        integer(0),
        sequence(
          oid(pki.oids['data']),
          sequence(oid('1.2.840.113549.1.12.1.6'), sequence(octetString(salt), integer(2048))),
          asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, false, cipher.output.getBytes()),
        ),
      ),
    ),
  );
  const content = asn1.toDer(sequence(encrypted, ...others)).getBytes();
  const macSalt = forge.random.getBytesSync(8);
  const hmac = forge.hmac.create();
  hmac.start('sha1', derived(passphrase, macSalt, 3, 20).getBytes());
  hmac.update(content);
  const digest = sequence(
    sequence(oid(pki.oids['sha1']), asn1.create(asn1.Class.UNIVERSAL, asn1.Type.NULL, false, '')),
    octetString(hmac.digest().getBytes()),
  );
  return der(
    sequence(
      integer(3),
      sequence(oid(pki.oids['data']), tagged(0, octetString(content))),
      sequence(digest, octetString(macSalt), integer(2048)),
    ),
  );
}

function container(own: Certified, ca: Certified, passphrase: string, algorithm: 'aes256' | '3des') {
  const chain = [own, ca].map(({ cert }) => forge.pki.certificateFromPem(cert));
  return forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(own.key), chain, passphrase, { algorithm });
}

/** Key derivation of PKCS#12 (RFC 7292, appendix B): 1 key, 2 initial vector, 3 MAC. */
function derived(passphrase: string, salt: string, id: 1 | 2 | 3, size: number): forge.util.ByteStringBuffer {
  const pbe = (forge as unknown as { pbe: { generatePkcs12Key: (...args: unknown[]) => unknown } }).pbe;
  return pbe.generatePkcs12Key(
    passphrase,
    forge.util.createBuffer(salt),
    id,
    2048,
    size,
  ) as forge.util.ByteStringBuffer;
}

function sequence(...parts: forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.SEQUENCE, true, parts);
}

function tagged(tag: number, part: forge.asn1.Asn1): forge.asn1.Asn1 {
  return forge.asn1.create(forge.asn1.Class.CONTEXT_SPECIFIC, tag, true, [part]);
}

function octetString(bytes: string): forge.asn1.Asn1 {
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.OCTETSTRING, false, bytes);
}

function integer(value: number): forge.asn1.Asn1 {
  const bytes = forge.asn1.integerToDer(value).getBytes();
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.INTEGER, false, bytes);
}

function oid(value: string | undefined): forge.asn1.Asn1 {
  const bytes = forge.asn1.oidToDer(value ?? '').getBytes();
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.OID, false, bytes);
}

function child(node: forge.asn1.Asn1, at: number): forge.asn1.Asn1 {
  const found = (node.value as forge.asn1.Asn1[])[at];
  if (found === undefined) throw new TypeError(`no part ${at}`);
  return found;
}

function der(node: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(node).getBytes(), 'binary');
}
