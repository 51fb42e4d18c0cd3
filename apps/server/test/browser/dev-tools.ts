import { once } from "node:events";

/** A connection to the browser or to one of its tabs (Chrome DevTools Protocol). */
export interface DevTools {
  readonly url: string;
  /** @throws Error with the browser's message */
  send<TResult = unknown>(method: string, parameters?: object): Promise<TResult>;
  /** Calls back at each event of this name. */
  on<TParameters>(event: string, listener: (parameters: TParameters) => void): void;
}

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Connects to a DevTools address. The connection ends with the browser. */
export async function openDevTools(url: string): Promise<DevTools> {
  const socket = new WebSocket(url);
  await once(socket, "open");
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<string, ((parameters: unknown) => void)[]>();
  socket.addEventListener("message", ({ data }) => {
    const { id, method, params, result, error } = JSON.parse(String(data)) as Reply;
    if (id === undefined) {
      for (const listener of listeners.get(method ?? "") ?? []) listener(params);
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
  return {
    url,
    send: <TResult>(method: string, params: object = {}) => {
      lastId += 1;
      const reply = Promise.withResolvers<unknown>();
      waiting.set(lastId, reply);
      socket.send(JSON.stringify({ id: lastId, method, params }));
      // The protocol says what each method answers; the caller names it.
      return reply.promise as Promise<TResult>;
    },
    on: (event, listener) => {
      const known = listeners.get(event) ?? [];
      listeners.set(event, [...known, listener as (parameters: unknown) => void]);
    },
  };
}
