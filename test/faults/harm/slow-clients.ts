import { connect, type Socket } from 'node:net';

const BYTE_EVERY_MS = 50;

/** Clients that send a request byte by byte and never come to its end, until they are told to go. */
export function openSlowClients(url: string, count: number): () => void {
  const { hostname, port } = new URL(url);
  const request = `POST /v1.0/signIns HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n`;
  const sockets: Socket[] = Array.from({ length: count }, () => {
    const socket = connect(Number(port), hostname);
    return socket.on('error', () => undefined).on('data', () => undefined);
  });
  let at = 0;
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write(request[at] ?? ' ');
    at += 1;
  }, BYTE_EVERY_MS);
  return () => {
    clearInterval(timer);
    sockets.forEach((socket) => socket.destroy());
  };
}
