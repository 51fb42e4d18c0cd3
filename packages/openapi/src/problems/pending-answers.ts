import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The requests of a connection whose answers have not been sent yet. */
const pendingRequests = new WeakMap<Socket, Set<IncomingMessage>>();
const waiting = new WeakMap<Socket, () => void>();
/** The request of a connection that was answered last. */
const latestAnswered = new WeakMap<Socket, IncomingMessage>();

/** Notes that a request has come, until it is answered. */
export function expectAnswer(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const pending = pendingRequests.get(socket) ?? new Set();
  pendingRequests.set(socket, pending.add(request));
  response.once("close", () => {
    pending.delete(request);
    latestAnswered.set(socket, request);
    if (!hasWhole(pending)) waiting.get(socket)?.();
  });
}

/**
 * Does something once all requests that came whole on this connection have been answered: answers come in the order of
 * their requests (RFC 9112, 9.3.2). Asked again meanwhile, it does it once.
 */
export function afterPendingAnswers(socket: Socket, act: () => void): void {
  if (hasWhole(pendingRequests.get(socket) ?? new Set())) waiting.set(socket, act);
  else act();
}

/** Whether the request that is being read on this connection was answered before it was there as a whole. */
export function isAnsweredEarly(socket: Socket): boolean {
  return latestAnswered.get(socket)?.complete === false;
}

/** A request that broke off will never be answered. */
function hasWhole(pending: ReadonlySet<IncomingMessage>): boolean {
  return [...pending].some(({ complete }) => complete);
}
