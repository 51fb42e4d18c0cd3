import type { Socket } from "node:net";
import type { CallLimiter, ResponseFacts } from "@obsqra/platform";
import type { RawData, WebSocket } from "ws";
import { bytesPerPoint } from "../charge-bytes.ts";
import { readHeartbeat } from "./keep-alive.ts";

interface Turns {
  /** Waits for the turn of a message; false where it is not to be read at all. */
  readonly mayBeRead: () => Promise<boolean>;
  readonly read: (message: Message) => void;
}

/** A message as it has come. */
interface Message {
  readonly data: RawData;
  readonly isBinary: boolean;
}

/**
 * Reads the messages of a WebSocket one at a time, each when it may be read; heartbeats are none. Until then nothing more is taken from
 * the connection, so that no more waits than what had come at once.
 */
export function takeMessagesInTurn(webSocket: WebSocket, { mayBeRead, read }: Turns): void {
  const waiting: Message[] = [];
  let isTaking = false;

  async function take(): Promise<void> {
    isTaking = true;
    webSocket.pause();
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      // The connection may have been closed meanwhile.
      if ((await mayBeRead()) && webSocket.readyState === webSocket.OPEN) read(next);
      else waiting.length = 0;
    }
    isTaking = false;
    webSocket.resume();
  }

  webSocket.on("message", (data, isBinary) => {
    if (webSocket.readyState !== webSocket.OPEN || readHeartbeat(data, isBinary) !== undefined) return;
    waiting.push({ data, isBinary });
    if (!isTaking) void take();
  });
}

interface Charging {
  readonly socket: Socket;
  readonly facts: ResponseFacts;
  /** Undefined where calls are not counted. */
  readonly callLimiter: CallLimiter | undefined;
}

/**
 * Counts what comes over a WebSocket: a point for each message, and one for every 32 KiB that have come and gone, as `chargeBytes` does
 * for requests. What a message asks for is counted besides, once it is decoded.
 *
 * @returns counts points besides those of the bytes; false when not enough are left
 */
export function createMessageCharge({
  socket,
  facts,
  callLimiter,
}: Charging): (points: number) => Promise<boolean> {
  let charged = socket.bytesRead + socket.bytesWritten;
  return async (asked) => {
    const ofBytes = Math.floor((socket.bytesRead + socket.bytesWritten - charged) / bytesPerPoint);
    charged += ofBytes * bytesPerPoint;
    const points = asked + ofBytes;
    if (points === 0 || callLimiter === undefined) return true;
    for (const counter of facts.paidBy) {
      // A limiter that cannot be reached counts by itself, and says so.
      const { isExceeded } = await callLimiter.count(counter, points);
      if (isExceeded) return false;
    }
    return true;
  };
}
