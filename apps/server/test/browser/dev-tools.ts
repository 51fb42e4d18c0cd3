import { once } from "node:events";

/** What drives the browser or one of its tabs (Chrome DevTools Protocol). */
export interface DevTools {
  /** @throws Error with the browser's message, or when it does not respond */
  send<TResult = unknown>(method: string, parameters?: object): Promise<TResult>;
  /** Calls back at each event of this name. */
  on<TParameters>(event: string, listener: (parameters: TParameters) => void): void;
}

/** A connection to the browser. All tabs share it. */
export interface BrowserDevTools extends DevTools {
  /** Gives what drives a tab. */
  attach(targetId: string): Promise<DevTools>;
}

interface Reply {
  readonly id?: number;
  /** Of the tab; undefined for the browser. */
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const responseTimeoutMs = 120_000;

/** Connects to a browser's DevTools address. The connection ends with the browser. */
export async function openDevTools(url: string): Promise<BrowserDevTools> {
  const socket = new WebSocket(url);
  await opened(socket);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<string, ((parameters: unknown) => void)[]>();
  socket.addEventListener("message", ({ data }) => {
    const { id, sessionId, method, params, result, error } = JSON.parse(String(data)) as Reply;
    if (id === undefined) {
      for (const listener of listeners.get(eventKey(sessionId, method)) ?? []) listener(params);
      return;
    }
    const reply = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) reply?.resolve(result);
    else reply?.reject(new Error(error.message));
  });
  socket.addEventListener("close", () => {
    for (const reply of waiting.values()) reply.reject(new Error("The browser has gone."));
  });
  let lastId = 0;
  const browser = session(undefined);
  return {
    ...browser,
    attach: async (targetId) => {
      const parameters = { targetId, flatten: true };
      const { sessionId } = await browser.send<{ sessionId: string }>("Target.attachToTarget", parameters);
      return session(sessionId);
    },
  };

  function session(sessionId: string | undefined): DevTools {
    return {
      send: <TResult>(method: string, params: object = {}) => {
        lastId += 1;
        const id = lastId;
        const reply = Promise.withResolvers<unknown>();
        waiting.set(id, reply);
        const timer = setTimeout(
          () => reply.reject(new Error(`The browser does not respond to ${method}.`)),
          responseTimeoutMs,
        );
        socket.send(JSON.stringify({ id, sessionId, method, params }));
        // The protocol says what each method returns; the caller names it.
        return reply.promise.finally(() => clearTimeout(timer)) as Promise<TResult>;
      },
      on: (event, listener) => {
        const key = eventKey(sessionId, event);
        listeners.set(key, [...(listeners.get(key) ?? []), listener as (parameters: unknown) => void]);
      },
    };
  }
}

function eventKey(sessionId: string | undefined, event: string | undefined): string {
  return `${sessionId ?? ""} ${event ?? ""}`;
}

async function opened(socket: WebSocket): Promise<void> {
  const failed = Promise.withResolvers<never>();
  socket.addEventListener("error", () => failed.reject(new Error("The browser cannot be connected to.")));
  await Promise.race([once(socket, "open"), failed.promise]);
}
