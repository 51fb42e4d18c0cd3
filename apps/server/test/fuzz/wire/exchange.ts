import { FuzzFailure } from "../fuzz-failure.ts";
import { openConnection } from "../http/connection.ts";
import type { HttpResponse } from "../http/read-response.ts";
import { judgeAnyResponse } from "../judge/judge-response.ts";

/** One request of an exchange, with what is known about its response. */
export interface WireRequest {
  readonly method: string;
  readonly bytes: Uint8Array;
  /** The status that its response must have. @default any that is declared */
  readonly status?: number;
}

/** Requests that are sent over one connection, without waiting for the responses between them. */
export interface WireExchange {
  readonly requests: readonly WireRequest[];
  /** Where the bytes are cut into packets, as parts of the whole from 0 to 1. */
  readonly cuts: readonly number[];
  /**
   * How it ends. `whole`: every request can be told from the next, so each has a response, in order. `unclear`: the server
   * cannot know where a request ends, or that it has not ended; it is told that no more will come. `dropped`: nobody
   * waits for a response.
   */
  readonly ending: "whole" | "unclear" | "dropped";
}

/**
 * Sends an exchange and judges every response. A server may respond to fewer requests than were sent only after it has refused
 * one in a way that ends the connection.
 *
 * @returns the responses
 * @throws FuzzFailure
 */
export async function runExchange(url: string, exchange: WireExchange): Promise<HttpResponse[]> {
  const { requests, ending } = exchange;
  using connection = await openConnection(url);
  for (const packet of toPackets(exchange)) {
    connection.write(packet);
    // Written at once, they would travel as one.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (ending === "dropped") return [];
  if (ending === "unclear") connection.halfClose();
  const responses: HttpResponse[] = [];
  for (const { method, status } of requests) {
    const response = await connection.nextResponse(method);
    if (response === undefined) break;
    responses.push(response);
    judgeAnyResponse(response);
    if (status !== undefined && response.status !== status) {
      throw new FuzzFailure("wrong_response", `${response.status} instead of ${status}: ${response.body}`);
    }
    if (response.headers.get("connection") === "close") break;
  }
  const last = responses.at(-1);
  const isClosing = last?.headers.get("connection") === "close";
  if (ending === "unclear" || isClosing) await connection.closed();
  if (ending === "whole" && responses.length < requests.length) assertRefused(exchange, last, isClosing);
  return responses;
}

function assertRefused({ requests }: WireExchange, last: HttpResponse | undefined, isClosing: boolean): void {
  const asked = requests.some(({ bytes }) => /\r\nconnection:[^\r]*close/i.test(headOf(bytes)));
  // Whoever refuses a request need not read the rest of it, and then does not know where the next one begins.
  const isRefused = last !== undefined && last.status >= 400;
  if (isClosing && (asked || isRefused)) return;
  throw new FuzzFailure(
    "broken_http",
    `${requests.length} requests had fewer responses, the last ${last?.status}`,
  );
}

function headOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function toPackets({ requests, cuts }: WireExchange): Uint8Array[] {
  const all = Buffer.concat(requests.map(({ bytes }) => bytes));
  const places = [0, ...cuts.map((part) => Math.floor(part * all.length)), all.length].sort((a, b) => a - b);
  return places.slice(1).flatMap((end, index) => {
    const packet = all.subarray(places[index], end);
    return packet.length === 0 ? [] : [packet];
  });
}
