import { once } from "node:events";
import { connect } from "node:net";
import { FuzzFailure } from "../fuzz-failure.ts";
import { type HttpResponse, readResponse } from "./read-response.ts";

/** A bare connection to the server: what is written goes out as it stands. */
export interface Connection extends Disposable {
  write(bytes: Uint8Array): void;
  /** Says that nothing more will be written; responses can still come. */
  halfClose(): void;
  /**
   * Waits for the next response; gives undefined when the server closes the connection instead.
   *
   * @param method of the request that it responds to
   * @throws FuzzFailure broken_http, hang
   */
  nextResponse(method: string): Promise<HttpResponse | undefined>;
  /**
   * Waits until the server has closed the connection.
   *
   * @throws FuzzFailure hang
   */
  closed(): Promise<void>;
}

/** Longer than any response takes, however busy the machine: who waits longer waits for ever. */
const defaultPatienceMs = 45_000;

/** Nothing, or responses such as 100 Continue, without headers. */
const interimResponsesOnly = /^(HTTP\/1\.1 1\d\d [^\r\n]*\r\n\r\n)*$/;

/**
 * Connects to the server of a URL; `using` drops the connection.
 *
 * @param patienceMs how long to wait for a response
 */
export async function openConnection(url: string, patienceMs = defaultPatienceMs): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
  let received = Buffer.alloc(0);
  let isComplete = false;
  let wake = () => {};
  let isReset = false;
  const complete = () => {
    isComplete = true;
    wake();
  };
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  socket
    .on("end", complete)
    .on("close", complete)
    .on("error", () => {
      isReset = true;
      complete();
    });
  await once(socket, "connect");

  async function until<T>(what: string, find: () => T | undefined): Promise<T> {
    let isOver = false;
    // Whether the time is over is the timer's to say: it fires up to a millisecond before the clock says so.
    const timer = setTimeout(() => {
      isOver = true;
      wake();
    }, patienceMs);
    try {
      while (true) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const found = find();
        if (found !== undefined) return found;
        if (isOver) throw new FuzzFailure("hang", `${what} did not come`);
        await promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    write: (bytes) => void socket.write(bytes),
    halfClose: () => void socket.end(),
    nextResponse: async (method) => {
      const read = await until(`the response to ${method}`, () => {
        const found = readResponse(received, method, isComplete);
        if (found !== undefined || !isComplete) return found;
        // When the server refuses a request that is still being written, what has arrived of its response can be lost.
        // So can what follows an interim one, when who asks has closed their half.
        if (interimResponsesOnly.test(received.toString("latin1")) || isReset) return "closed";
        throw new FuzzFailure("broken_http", `a response breaks off: ${received}`);
      });
      if (read === "closed") return undefined;
      received = received.subarray(read.end);
      return read.response;
    },
    closed: async () => {
      await until("the end of the connection", () => isComplete || undefined);
      socket.end();
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}
