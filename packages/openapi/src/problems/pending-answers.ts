import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

type Pending = Map<IncomingMessage, ServerResponse>;

/** The requests of a connection whose answers have not been sent yet. */
const pendingRequests = new WeakMap<Socket, Pending>();
const waiting = new WeakMap<Socket, () => void>();
/** The request of a connection that was answered last. */
const latestAnswered = new WeakMap<Socket, IncomingMessage>();

/** Notes that a request has come, until it is answered. */
export function expectAnswer(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const pending = pendingRequests.get(socket) ?? new Map();
  pendingRequests.set(socket, pending.set(request, response));
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
  if (hasWhole(pendingOf(socket))) waiting.set(socket, act);
  else act();
}

/** Whether the request that is being read on this connection was answered before it was there as a whole. */
export function isAnsweredEarly(socket: Socket): boolean {
  // Its answer may be on its way behind another.
  const isSending = [...pendingOf(socket)].some(
    ([{ complete }, response]) => !complete && response.writableEnded,
  );
  return isSending || latestAnswered.get(socket)?.complete === false;
}

function pendingOf(socket: Socket): Pending {
  return pendingRequests.get(socket) ?? new Map();
}

/** A request that broke off will never be answered. */
function hasWhole(pending: Pending): boolean {
  return [...pending.keys()].some(({ complete }) => complete);
}
