import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { ScriptedFault } from './faults.js';
import { fault, Fault } from './outcome.js';
import { unauthorized } from './tokens.js';

/**
 * Plays the part of the faults for this moment of a request. Faults about bodies, pages and commits are played
 * elsewhere.
 * @returns true when the connection was cut: nothing more is to be sent.
 */
export async function strike(
  faults: readonly ScriptedFault[],
  moment: 'before' | 'after',
  reply: FastifyReply,
  elapse: (ms: number) => void,
): Promise<boolean> {
  for (const scripted of faults) {
    if (('when' in scripted ? scripted.when : 'before') !== moment) continue;
    switch (scripted.kind) {
      case 'error': {
        const played = fault(scripted.status, 'exception', 'Panne jouée par le bac à sable.');
        if (scripted.retryAfter === undefined) throw played;
        throw new Fault(scripted.status, played.issues, { 'Retry-After': scripted.retryAfter });
      }
      case 'unauthorized':
        throw unauthorized();
      case 'tooMany': {
        const { issues } = fault(429, 'throttled', 'Trop de requêtes.');
        throw new Fault(429, issues, { 'Retry-After': scripted.retryAfter });
      }
      case 'drop':
        cut(reply);
        return true;
      case 'delay':
        await sleep(scripted.ms);
        break;
      case 'elapse':
        elapse(scripted.ms);
        break;
      case 'meanwhile':
        await scripted.act();
        break;
      case 'ignorePatch':
      case 'lateCommit':
      case 'unindexed':
      case 'slowBody':
      case 'resetBody':
      case 'total':
      case 'overlap':
      case 'reversePage':
      case 'swapPages':
      case 'nextLink':
      case 'rewrite':
      case 'storedAs':
        break;
    }
  }
  return false;
}

export function cut(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.socket?.destroy();
}

/** Sends a body whole, or slowly, or not to its end. */
export function sendBody(reply: FastifyReply, text: string, faults: readonly ScriptedFault[]): FastifyReply {
  const slow = faults.find((each) => each.kind === 'slowBody');
  const reset = faults.find((each) => each.kind === 'resetBody');
  if (slow === undefined && reset === undefined) return reply.send(text);
  const bytes = Buffer.from(text, 'utf8');
  reply.header('Content-Length', bytes.length);
  const end = reset === undefined ? bytes.length : Math.floor(bytes.length * reset.share);
  const size = Math.max(1, Math.ceil(end / (slow?.pieces ?? 1)));
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < end; at += size) {
      await sleep(slow?.ms ?? 0);
      yield bytes.subarray(at, Math.min(at + size, end));
    }
    if (reset !== undefined) {
      // What was written has to leave first, or the client would see no answer at all.
      await sleep(20);
      reply.raw.socket?.destroy();
    }
  };
  return reply.send(Readable.from(pieces(), { objectMode: false }));
}
