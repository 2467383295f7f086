import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FilrorError } from '../../src/domain/errors.js';
import { HttpClient, type Exchange } from '../../src/http/client.js';
import { readCertificate } from '../../src/ror/auth-certificate.js';
import { TokenSource } from '../../src/ror/auth.js';
import { RorClient } from '../../src/ror/client.js';
import { startMtlsTokenServer, type MtlsOptions, type MtlsTokenServer } from '../../src/sandbox/mtls.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { startLocalServer } from '../support/local-server.js';
import { authority, clientOf, modernPkcs12, oldPkcs12, serverOf, type Certified } from '../support/pki.js';
import { trialProfile } from '../support/region-profile.js';
import { trialRegion } from '../support/trial-region.js';

const PASSPHRASE = 'phrase-du-p12';
let ca: Certified;
let otherCa: Certified;
let serverPair: Certified;
let good: Certified;
let folder: string;
let sandbox: Sandbox;
let clock: number;
let notices: string[];
let exchanges: Exchange[];
let errors: unknown[];
const open: { close(): unknown }[] = [];

beforeAll(() => {
  ca = authority('Autorité d’essai');
  otherCa = authority('Autre autorité d’essai');
  serverPair = serverOf(ca);
  good = clientOf(ca, 'GRADeS d’essai');
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'filror-mtls-'));
  [notices, exchanges, errors] = [[], [], []];
  clock = Date.now();
  sandbox = await startSandbox({ seed: trialRegion(), now: () => new Date(clock) });
  put('ca.pem', ca.cert);
});

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

function put(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function endpoint(refusal: MtlsOptions['refusal']): Promise<MtlsTokenServer> {
  const { cert, key } = serverPair;
  const server = await startMtlsTokenServer({
    tokens: sandbox.tokens,
    cert,
    key,
    clientCa: ca.cert,
    refusal,
  });
  open.push(server);
  return server;
}

function pem(pair: Certified): object {
  return { format: 'pem', certFile: put('ror.pem', pair.cert), keyFile: put('ror.key', pair.key) };
}

function connect(server: MtlsTokenServer, certificate: object | null, change: object = {}): RorClient {
  const profile = trialProfile(
    { fhirBase: sandbox.fhirBase, tokenUrl: server.tokenUrl },
    { certificate, caFile: join(folder, 'ca.pem'), ...change },
  );
  const client = new RorClient(profile, {
    http: new HttpClient({
      extraCa: profile.repository.caFile === null ? null : ca.cert,
      retry: { attempts: 1 },
      timeoutMs: 10_000,
      onExchange: (exchange) => exchanges.push(exchange),
    }),
    env: { FILROR_ROR_SECRET: 'secret-inutile', FILROR_P12: PASSPHRASE },
    now: () => new Date(clock),
    onNotice: (notice) => notices.push(notice.code),
  });
  open.push(client);
  return client;
}

async function refusal(run: Promise<unknown>): Promise<FilrorError> {
  const error: unknown = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  errors.push(error);
  expect(error).toBeInstanceOf(FilrorError);
  return error as FilrorError;
}

describe('token over mutual TLS', () => {
  it('is given for the right certificate, without a secret, and the repository takes it', async () => {
    const server = await endpoint('handshake');
    const client = connect(server, pem(good));
    expect(await client.read('HealthcareService', 'derm-caen')).toMatchObject({ kind: 'found' });
    expect(server.served).toEqual([good.serial]);
    expect(server.forms.map((form) => [...form.keys()])).toEqual([['grant_type', 'client_id']]);
  });

  it.each([
    ['of another authority', () => clientOf(otherCa, 'GRADeS d’essai')],
    ['that has expired', () => clientOf(ca, 'GRADeS d’essai', [-400, -1])],
  ] as const)(
    'is refused for a certificate %s, in words, whichever way the server refuses',
    async (_name, make) => {
      const pair = make();
      const alert = await refusal(connect(await endpoint('handshake'), pem(pair)).token());
      // Node hangs up without an alert: the words are ours.
      expect(alert.code).toBe('ROR_TOKEN_CUT');
      expect(alert.remedy).toContain('region check');
      const answer = await refusal(connect(await endpoint('answer'), pem(pair)).token());
      expect(answer).toMatchObject({ code: 'ROR_TOKEN', transient: false });
      expect(answer.remedy).toContain('repository.certificate');
    },
  );

  it('is refused without a certificate, and a missing file is named', async () => {
    const server = await endpoint('answer');
    expect((await refusal(connect(server, null).token())).code).toBe('ROR_TOKEN');
    expect((await refusal(connect(await endpoint('handshake'), null).token())).code).toBe(
      'HTTP_CLIENT_CERTIFICATE',
    );
    const absent = { format: 'pkcs12', file: join(folder, 'absent.p12'), passphraseEnv: 'FILROR_P12' };
    const missing = await refusal(connect(server, absent).token());
    expect(missing).toMatchObject({ code: 'CERT_UNREADABLE', place: join(folder, 'absent.p12') });
    expect(server.served).toEqual([]);
  });

  it('leaves a write notSent when the certificate cannot be had', async () => {
    const client = connect(await endpoint('answer'), {
      format: 'pkcs12',
      file: join(folder, 'absent.p12'),
      passphraseEnv: 'FILROR_P12',
    });
    expect(await client.create('HealthcareService', '{}')).toMatchObject({ kind: 'notSent' });
    expect(sandbox.writes()).toEqual([]);
  });

  it('sends nothing to a server whose own certificate is of an unknown authority', async () => {
    const server = await endpoint('handshake');
    const error = await refusal(connect(server, pem(good), { caFile: null }).token());
    expect(error.code).toBe('HTTP_CERTIFICATE');
    expect(server.forms).toEqual([]);
  });

  it('takes a certificate renewed on disk at the next token, with no restart', async () => {
    const server = await endpoint('handshake');
    const client = connect(server, pem(good));
    await client.token();
    const next = clientOf(ca, 'GRADeS d’essai');
    put('ror.pem', next.cert);
    clock += 301_000;
    // The certificate is the new one, the key still the old one: the last good pair serves, and it is told.
    await client.token();
    expect(notices).toEqual(['CERT_KEY']);
    put('ror.key', next.key);
    clock += 301_000;
    await client.token();
    expect(server.served).toEqual([good.serial, good.serial, next.serial]);
    expect(notices).toEqual(['CERT_KEY']);
  });

  it.each([
    ['modern', modernPkcs12],
    ['old (RC2, 3DES)', oldPkcs12],
  ] as const)('is given for a PKCS#12 file, %s', async (_name, write) => {
    const server = await endpoint('handshake');
    const file = put('ror.p12', write(good, ca, PASSPHRASE));
    const client = connect(server, { format: 'pkcs12', file, passphraseEnv: 'FILROR_P12' });
    expect((await client.token()).lifeSeconds).toBe(300);
    expect(server.served).toEqual([good.serial]);
  });

  it('shows no token, key, passphrase nor secret, in any error or log', async () => {
    const server = await endpoint('answer');
    const client = connect(server, pem(good));
    sandbox.faults.next('write', { kind: 'drop', when: 'after' });
    errors.push(await client.patch('HealthcareService', 'derm-caen', '{}'));
    await refusal(connect(server, pem(clientOf(otherCa, 'x'))).token());
    const file = put('ror.p12', oldPkcs12(good, ca, 'autre phrase'));
    const wrong = await refusal(
      connect(server, { format: 'pkcs12', file, passphraseEnv: 'FILROR_P12' }).token(),
    );
    expect(wrong.code).toBe('CERT_PASSPHRASE');
    const shown = inspect([errors, exchanges, notices, open], {
      depth: 30,
      showHidden: true,
      maxStringLength: null,
    });
    expect(exchanges.length).toBeGreaterThan(2);
    expect(shown).not.toMatch(/eyJ|Bearer [^*]|PRIVATE KEY|secret-inutile/);
    const told = inspect([errors, exchanges, notices], {
      depth: 30,
      showHidden: true,
      maxStringLength: null,
    });
    expect(told).not.toContain(PASSPHRASE);
  });
});

describe('a certificate on disk', () => {
  const read = (settings: object, env: Record<string, string> = { FILROR_P12: PASSPHRASE }) => {
    try {
      return readCertificate(settings as Parameters<typeof readCertificate>[0], env);
    } catch (error) {
      if (error instanceof FilrorError) return error.code;
      throw error;
    }
  };

  it('is told by its subject, issuer and dates', () => {
    expect(read({ ...pem(good), passphraseEnv: null })).toMatchObject({
      subject: 'GRADeS d’essai',
      issuer: 'Autorité d’essai',
    });
  });

  it('really is old in the test: OpenSSL as Node has it refuses that file', () => {
    const native = (pfx: Buffer) => () => createSecureContext({ pfx, passphrase: PASSPHRASE });
    expect(native(modernPkcs12(good, ca, PASSPHRASE))).not.toThrow();
    expect(native(oldPkcs12(good, ca, PASSPHRASE))).toThrow(/unsupported/i);
  });

  it('gives the chain with its own certificate first', () => {
    const file = put('ror.p12', modernPkcs12(good, ca, PASSPHRASE));
    const found = read({ format: 'pkcs12', file, passphraseEnv: 'FILROR_P12' });
    if (typeof found === 'string') throw new Error(found);
    expect(found.identity.cert.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(found.subject).toBe('GRADeS d’essai');
  });

  it('says which of file, passphrase and key is wrong', () => {
    const p12 = (content: Buffer | string) => ({
      format: 'pkcs12',
      file: put('x.p12', content),
      passphraseEnv: 'FILROR_P12',
    });
    expect(read(p12(modernPkcs12(good, ca, 'autre')))).toBe('CERT_PASSPHRASE');
    expect(read(p12(modernPkcs12(good, ca, PASSPHRASE)), {})).toBe('CERT_PASSPHRASE');
    expect(read(p12('pas un p12'))).toBe('CERT_PKCS12');
    const mixed = { ...pem(good), keyFile: put('autre.key', ca.key), passphraseEnv: null };
    expect(read(mixed)).toBe('CERT_KEY');
    expect(read({ ...pem(good), certFile: put('vide.pem', ''), passphraseEnv: null })).toBe(
      'CERT_UNREADABLE',
    );
  });
});

describe('life of a token', () => {
  const token = (payload: object) => `e.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.s`;
  const issued = 1_700_000_000;

  it.each([
    ['expires_in when sooner', { iat: issued, exp: issued + 300 }, 60, 60],
    ['exp when sooner', { iat: issued, exp: issued + 120 }, 3_600, 120],
    [
      'exp by the clock of the server, ours being years off',
      { iat: issued, exp: issued + 90 },
      undefined,
      90,
    ],
    ['one minute when nothing is told', {}, undefined, 60],
  ])('is %s', async (_name, payload, expiresIn, seconds) => {
    const server = await startLocalServer((_request, response) =>
      response.end(JSON.stringify({ access_token: token(payload), expires_in: expiresIn })),
    );
    open.push(server);
    const http = new HttpClient();
    open.push(http);
    const source = new TokenSource(
      http,
      { tokenUrl: server.url, clientId: 'x', proof: { kind: 'secret', secret: 's' }, timeoutMs: 5_000 },
      () => new Date(clock),
    );
    expect((await source.facts()).lifeSeconds).toBe(seconds);
    clock += Math.max(seconds - 30, seconds * 0.9) * 1_000 - 1;
    await source.get();
    expect(server.seen).toHaveLength(1);
    clock += 1;
    await source.get();
    expect(server.seen).toHaveLength(2);
  });
});
