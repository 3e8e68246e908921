import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A self-signed certificate, as a client would have one. */
export interface TestCertificate {
  readonly privateKey: KeyObject;
  /** base64 of the DER form, as Graph's keyCredential.key */
  readonly key: string;
}

const SHA256_WITH_RSA = Buffer.from('06092a864886f70d01010b0500', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');

/** The certificate as files have it. */
export function certificatePem({ key }: TestCertificate): string {
  const lines = key.match(/.{1,64}/g)!.join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** Makes a certificate; written by hand, since Node reads certificates and doesn't make them. */
export function createCertificate({
  bits = 2048,
  from = new Date(Date.now() - 86_400_000),
  to = new Date(Date.now() + 86_400_000),
  /** A server's host name. */
  commonName = 'test',
} = {}): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const name = sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, Buffer.from(commonName)))));
  const signed = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.from([1])),
    sequence(SHA256_WITH_RSA),
    name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = createSign('sha256').update(signed).sign(privateKey);
  const der = sequence(signed, sequence(SHA256_WITH_RSA), element(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return { privateKey, key: der.toString('base64') };
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function time(moment: Date): Buffer {
  return element(0x18, Buffer.from(`${moment.toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`));
}
