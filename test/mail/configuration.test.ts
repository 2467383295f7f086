import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { printable } from '../../src/config/print.js';
import { DataError } from '../../src/domain/errors.js';

describe('mail.yaml', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'filror-mail-'));
    write('web.yaml', { publicUrl: 'https://filror.exemple.fr' });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(value));
  const server = { host: 'smtp.exemple.fr' };
  const from = 'filror@exemple.fr';
  const regions = { '28': { operators: ['exploitation@exemple.fr'] } };

  function refusal(mail: object): string {
    write('mail.yaml', mail);
    try {
      loadConfig(folder);
    } catch (error) {
      if (error instanceof DataError && error.code === 'CFG_INVALID') return error.message;
      throw error;
    }
    throw new Error('the configuration was accepted');
  }

  it('is off as shipped', () => {
    expect(loadConfig(folder).mail.server).toBeNull();
  });

  it('refuses a server without a sender, and says where', () => {
    const message = refusal({ server, regions });
    expect(message).toContain('un serveur est donné sans expéditeur');
    expect(message).toContain('→ à from');
  });

  it('refuses a password that would travel in clear', () => {
    const message = refusal({ server: { ...server, user: 'filror', security: 'none' }, from, regions });
    expect(message).toContain('le mot de passe passerait en clair');
    expect(message).toContain('→ à server.security');
  });

  it.each(['Alix <a@exemple.fr>', 'a@exemple.fr, b@exemple.fr', 'a@exemple.fr\r\nBcc: b@exemple.fr', 'a'])(
    'takes %j for no address',
    (address) => {
      expect(refusal({ server, from, regions: { '28': { reviewers: [address] } } })).toContain(
        'adresse attendue, une seule',
      );
    },
  );

  it('refuses recipients of a region that is not configured, or a region without any', () => {
    const message = refusal({ server, from, regions: { '82': regions['28'], '53': {} } });
    expect(message).toContain('la région « 82 » n’est pas configurée (28, 53)');
    expect(message).toContain('→ à regions.82');
    expect(message).toContain('la région « 53 » n’a aucun destinataire');
  });

  it('refuses a server when nobody said where links lead', () => {
    write('web.yaml', {});
    expect(refusal({ server, from, regions })).toContain('donnez « publicUrl » dans web.yaml');
  });

  it('is printed without an address and without the password', () => {
    const user = 'compte';
    write('mail.yaml', { server: { ...server, user }, from, regions });
    const printed = printable(loadConfig(folder), { FILROR_SMTP_PASSWORD: 'mot-de-passe-d-essai' });
    expect(printed).toContain('operators: 1 adresse(s)');
    expect(printed).toContain('password: "***"');
    expect(printed).not.toContain('exploitation@');
    expect(printed).not.toContain('filror@exemple.fr');
    expect(printed).not.toContain('mot-de-passe-d-essai');
  });
});
