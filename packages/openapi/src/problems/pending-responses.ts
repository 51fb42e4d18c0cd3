import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

type Pending = Map<IncomingMessage, ServerResponse>;

/** The requests of a connection whose responses have not been sent yet. */
const pendingRequests = new WeakMap<Socket, Pending>();
const waiting = new WeakMap<Socket, () => void>();
/** The request of a connection whose response was sent last. */
const latestFinished = new WeakMap<Socket, IncomingMessage>();

/** Notes that a request has come, until its response has been sent. */
export function expectResponse(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const pending = pendingRequests.get(socket) ?? new Map();
  pendingRequests.set(socket, pending.set(request, response));
  response.once("close", () => {
    pending.delete(request);
    latestFinished.set(socket, request);
    if (!hasWhole(pending)) waiting.get(socket)?.();
  });
}

/**
 * Acts once the responses to all complete requests on this connection have been sent: responses come in the order of
 * their requests (RFC 9112, 9.3.2). Called again meanwhile, it still acts once.
 */
export function afterPendingResponses(socket: Socket, act: () => void): void {
  if (hasWhole(pendingOf(socket))) waiting.set(socket, act);
  else act();
}

/** Whether the request that is being read on this connection got its response before it had arrived completely. */
export function hasEarlyResponse(socket: Socket): boolean {
  // Its response may still wait behind another.
  const isSending = [...pendingOf(socket)].some(
    ([{ complete }, response]) => !complete && response.writableEnded,
  );
  return isSending || latestFinished.get(socket)?.complete === false;
}

function pendingOf(socket: Socket): Pending {
  return pendingRequests.get(socket) ?? new Map();
}

/** A request that broke off will never get a response. */
function hasWhole(pending: Pending): boolean {
  return [...pending.keys()].some(({ complete }) => complete);
}
