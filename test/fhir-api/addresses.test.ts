import { describe, expect, it } from 'vitest';
import { fhirConfig } from '../../src/config/schema/fhir.js';
import { Addresses } from '../../src/fhir-api/addresses.js';

/** Addresses of documentation (RFC 5737, RFC 3849). */
describe('the name of an address', () => {
  it('is one for a whole IPv6 network of a reader, and another for each process', () => {
    const names = new Addresses(Buffer.alloc(32, 1));
    expect(names.nameOf('2001:db8:0:1::1')).toBe(names.nameOf('2001:0db8:0000:0001:ffff::2'));
    expect(names.nameOf('2001:db8:0:1::1')).not.toBe(names.nameOf('2001:db8:0:2::1'));
    expect(names.nameOf('::1')).not.toBe(names.nameOf('2001:db8::1'));
    expect(names.nameOf('::ffff:192.0.2.1')).toBe(names.nameOf('192.0.2.1'));
    expect(new Addresses().nameOf('192.0.2.1')).not.toBe(new Addresses().nameOf('192.0.2.1'));
  });
});

describe('trustProxy', () => {
  it.each([[true], [1], ['127.0.0.1'], [['tout le monde']]])('does not take %s', (trustProxy) => {
    const read = fhirConfig.safeParse({ trustProxy });
    expect(read.success).toBe(false);
    expect(JSON.stringify(read.error?.issues)).toContain('la liste des adresses');
  });
});
