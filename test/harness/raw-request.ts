import { connect } from 'node:net';

/** An answer to bytes that no client would send. */
export interface RawAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  // Tests look into it freely; what it should be is what they assert.
  readonly body: any;
}

const ANSWER_WITHIN_MS = 10_000;

/**
 * Sends bytes as they are and reads the one answer to them, which may come before the last byte
 * is sent.
 * @param bytes a whole request; or the beginning of one, which then is all that is ever sent
 */
export function sendRaw(url: string, bytes: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = Buffer.alloc(0);
    const finish = (error?: Error) => {
      clearTimeout(timer);
      const answer = parseAnswer(received);
      if (answer) resolve(answer);
      else reject(error ?? new Error(`The connection was closed without an answer: ${received.toString('latin1')}`));
      socket.destroy();
    };
    const timer = setTimeout(() => finish(new Error(`No answer within ${ANSWER_WITHIN_MS} ms.`)), ANSWER_WITHIN_MS);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (parseAnswer(received)) finish();
    });
    socket.on('error', finish);
    socket.on('close', () => finish());
    socket.write(bytes);
  });
}

/** A request's head; the host and whatever else every request needs are added. */
export function requestHead(requestLine: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [`${requestLine} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

/** undefined while it isn't whole. */
function parseAnswer(bytes: Buffer): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = bytes.subarray(end + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return undefined;
  const text = body.toString();
  const isJson = headers['content-type']?.includes('json') && text !== '';
  return { status: Number(statusLine!.split(' ')[1]), headers, body: isJson ? (JSON.parse(text) as unknown) : text };
}
