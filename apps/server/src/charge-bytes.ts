import type { Socket } from "node:net";
import type { CallLimiter, ResponseFacts } from "@obsqra/platform";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** Of the calls that it has made. */
    facts: ResponseFacts | undefined;
    /** What is counted for it in advance, once it calls. */
    charge: Charge | undefined;
  }
}

/** As many bytes as a call may take, sent and received together, before they count. */
export const bytesPerPoint = 32 * 1024;

/**
 * Counts a point more for every 32 KiB that a request and its response take. So large answers are paid for by whoever asks for them,
 * and small ones cost nothing to count.
 *
 * What is known of a response before it is sent is counted at once: the next calls of the same caller come after it, however many of
 * them wait, and whether or not anybody reads the response. The rest is counted once it is sent.
 *
 * @returns what tells which calls a request has made
 */
export function chargeBytes(
  app: FastifyInstance,
  callLimiter: CallLimiter | undefined,
): (request: FastifyRequest, facts: ResponseFacts) => void {
  app.decorateRequest("facts", undefined);
  app.decorateRequest("charge", undefined);
  if (callLimiter === undefined) {
    return (request, facts) => {
      request.facts = facts;
    };
  }
  /** What has been counted of each connection; requests follow each other on it. */
  const counted = new WeakMap<Socket, number>();

  app.addHook("onRequest", (request, reply, done) => {
    const { socket } = request.raw;
    reply.raw.once("close", () => {
      const bytes = takenBy(socket);
      const inAdvance = request.charge?.points ?? 0;
      const points = Math.floor((bytes - (counted.get(socket) ?? 0)) / bytesPerPoint) - inAdvance;
      counted.set(socket, bytes);
      count(request, points);
    });
    done();
  });
  // Of each route, so that it comes after the hooks that may send nothing because the caller has the response already.
  app.addHook("onRoute", (route) => {
    route.onSend = [route.onSend ?? [], chargeResponse].flat();
  });

  function chargeResponse(
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error?: Error | null) => void,
  ): void {
    const { charge } = request;
    const bytes = bytesOf(request, reply, payload);
    if (charge !== undefined && bytes > charge.resultBytes) {
      noteBytes(request, charge, bytes - charge.resultBytes);
    }
    done();
  }

  function noteBytes(request: FastifyRequest, charge: Charge, bytes: number): void {
    charge.resultBytes += bytes;
    const points = Math.floor((charge.requestBytes + charge.resultBytes) / bytesPerPoint) - charge.points;
    charge.points += points;
    count(request, points);
  }

  function count({ facts }: FastifyRequest, points: number): void {
    if (points <= 0) return;
    for (const counter of facts?.paidBy ?? []) void callLimiter?.count(counter, points);
  }

  return (request, facts) => {
    const { socket } = request.raw;
    const requestBytes = takenBy(socket) - (counted.get(socket) ?? 0);
    const charge = { requestBytes, resultBytes: 0, points: 0 };
    request.charge = charge;
    request.facts = facts;
    facts.noteBytes = (bytes) => noteBytes(request, charge, bytes);
  };
}

/** What is counted for a request before its response is sent. */
interface Charge {
  readonly requestBytes: number;
  /** Of its calls' results, as far as they are made. */
  resultBytes: number;
  points: number;
}

/** What a response takes, as far as that is known yet; to HEAD what it would take, since it was made all the same. */
function bytesOf({ method }: FastifyRequest, reply: FastifyReply, payload: unknown): number {
  if (typeof payload === "string" || Buffer.isBuffer(payload)) return Buffer.byteLength(payload);
  const isMadeForHead = method === "HEAD" && reply.statusCode !== 304;
  return isMadeForHead ? Number(reply.getHeader("content-length") ?? 0) : 0;
}

function takenBy({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten;
}
