import type { IncomingMessage } from "node:http";
import { errorCatalogue } from "@obsqra/contract";
import { type ApiContext, appRouter } from "@obsqra/features";
import { callProcedure, listProcedures, openSubscription } from "@obsqra/openapi";
import { AppError, type OpenSubscription } from "@obsqra/platform";
import { getTRPCErrorFromUnknown, getTRPCErrorShape, TRPCError } from "@trpc/server";
import {
  type CallOfClient,
  type ConnectionParams,
  type MessageOfClient,
  readConnectionParams,
  readMessages,
} from "./client-messages.ts";
import { createEventPrinter, printIds } from "./print-events.ts";
import type { SocketWriter } from "./socket-writer.ts";

/** What calls over a WebSocket are served with. */
export interface CallParts {
  readonly writer: SocketWriter;
  /** Asked once, when it is known who calls. */
  readonly createContext: (params: ConnectionParams) => ApiContext;
  /** Hears of every error that is sent. */
  readonly onError: (error: TRPCError) => void;
  /** Has the other end go on with another connection: a stream has ended that its reader should go on with. */
  readonly handOver: () => void;
  /** Closes the connection, once it is refused to whoever asks. */
  readonly refuse: () => void;
  /** Hears of what cannot even be told to the caller. */
  readonly onFault: (thrown: unknown) => void;
}

/** The calls of a WebSocket. */
export interface SocketCalls {
  /**
   * Takes a message. What it asks for is done while others come.
   *
   * @param text undefined for one of bytes, which nobody speaks here
   */
  take(text: string | undefined): void;
  /** Ends whatever is followed, when the connection is gone. */
  end(): void;
}

/** A subscription from its call until its end has been told. */
interface Following {
  isStopped: boolean;
  /** Ends what its reader waits for. */
  stop: () => void;
}

type CallId = CallOfClient["id"];

const procedures = listProcedures(appRouter);

/**
 * Serves calls as tRPC's `wsLink` makes them. tRPC's own adapter would make an envelope, a message, a text and a dozen of promises for
 * each event of each reader: here a batch of events is asked for at a time, and is one write.
 */
export function serveCalls({ url = "" }: IncomingMessage, parts: CallParts): SocketCalls {
  const { writer } = parts;
  const following = new Map<CallId, Following>();
  let ctx = areParamsPromised(url) ? undefined : parts.createContext({});

  function refuseAll(thrown: unknown): void {
    const error = new TRPCError({ code: "PARSE_ERROR", cause: thrown });
    parts.onError(error);
    const shape = getTRPCErrorShape({
      ...{ config: appRouter._def._config, error, ctx },
      ...{ type: "unknown", path: undefined, input: undefined },
    });
    writer.send(JSON.stringify({ id: null, error: shape }));
  }

  function refuseCall(call: CallOfClient, thrown: unknown): void {
    const error = toTrpcError(thrown);
    parts.onError(error);
    const { method, params } = call;
    const shape = getTRPCErrorShape({
      ...{ config: appRouter._def._config, error, ctx },
      ...{ type: method, path: params.path, input: params.input },
    });
    writer.send(`${printIds(call)},"error":${JSON.stringify(shape)}}`);
  }

  function tell(call: CallOfClient, result: object): void {
    writer.send(`${printIds(call)},"result":${JSON.stringify(result)}}`);
  }

  async function serve(call: CallOfClient, known: ApiContext): Promise<void> {
    const { method, params } = call;
    const { path, input, lastEventId } = params;
    try {
      const procedure = procedures.get(path);
      if (procedure === undefined || procedure._def.type !== method) {
        throw new TRPCError({ code: "NOT_FOUND", message: `There is no ${method} "${path}".` });
      }
      const ask = { path, ctx: known, input };
      if (method === "subscription") {
        await follow(call, () => openSubscription(procedure, { ...ask, lastEventId }));
      } else tell(call, { type: "data", data: await callProcedure(procedure, ask) });
    } catch (thrown) {
      refuseCall(call, thrown);
    }
  }

  /** @throws what its opening ends with */
  async function follow(call: CallOfClient, open: () => Promise<OpenSubscription>): Promise<void> {
    const { id } = call;
    if (following.has(id)) {
      const issue = { path: "id", message: "choose an id that no open subscription has" };
      throw new AppError("VALIDATION_FAILED", { issues: [issue] });
    }
    const own: Following = { isStopped: false, stop: () => {} };
    following.set(id, own);
    try {
      const opened = await open();
      try {
        await sendAll(call, opened, own);
      } finally {
        opened.close();
      }
    } finally {
      // Before its reader is told, who may use it again then.
      following.delete(id);
    }
    tell(call, { type: "stopped" });
  }

  async function sendAll(call: CallOfClient, opened: OpenSubscription, own: Following): Promise<void> {
    // It may have been stopped while it was opened.
    if (own.isStopped || !writer.isOpen()) return;
    const stopped = new Promise<void>((resolve) => {
      own.stop = resolve;
    });
    void stopped.then(opened.close);
    tell(call, { type: "started" });
    const print = createEventPrinter(call);
    try {
      for (let batch = await opened.next(); batch !== undefined; batch = await opened.next()) {
        writer.sendFrames(print(batch.messages));
        await writer.drained();
      }
    } catch (thrown) {
      if (!own.isStopped) refuseCall(call, thrown);
      return;
    }
    if (own.isStopped) return;
    parts.handOver();
    // Its end would tell the reader that there is nothing to go on with.
    await stopped;
  }

  function stop(id: CallId): void {
    const own = following.get(id);
    if (own === undefined) return;
    own.isStopped = true;
    own.stop();
  }

  function takeMessage(message: MessageOfClient, known: ApiContext): void {
    if (message.method === "subscription.stop") stop(message.id);
    else void serve(message, known).catch(parts.onFault);
  }

  return {
    take: (text) => {
      try {
        if (text === undefined) throw new AppError("MALFORMED_REQUEST", undefined);
        if (ctx === undefined) ctx = parts.createContext(readConnectionParams(text));
        else for (const message of readMessages(text)) takeMessage(message, ctx);
      } catch (thrown) {
        refuseAll(thrown);
        if (ctx === undefined) parts.refuse();
      }
    },
    end: () => {
      for (const id of following.keys()) stop(id);
    },
  };
}

/** The pipeline throws errors of tRPC; what is refused here is no fault of the service either. */
function toTrpcError(thrown: unknown): TRPCError {
  if (!(thrown instanceof AppError)) return getTRPCErrorFromUnknown(thrown);
  const { code, message }: AppError = thrown;
  return new TRPCError({ code: errorCatalogue[code].trpcCode, message, cause: thrown });
}

/** Whether the first message says who asks. */
function areParamsPromised(url: string): boolean {
  const [, query] = url.split("?", 2);
  return new URLSearchParams(query).get("connectionParams") === "1";
}
