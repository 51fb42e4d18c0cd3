import type { WebSocket } from "ws";
import type { ServerLimits } from "../server-limits.ts";

/** What the two ends of tRPC's protocol ask each other, and answer. */
const [ask, answer] = ["PING", "PONG"] as const;
const heartbeatBytes = 4;

/** What a message of a WebSocket is when it is no more than a sign of life. */
export type Heartbeat = typeof ask | typeof answer;

/** @returns undefined for all other messages */
export function readHeartbeat(data: unknown, isBinary: boolean): Heartbeat | undefined {
  if (isBinary || !Buffer.isBuffer(data) || data.length !== heartbeatBytes) return undefined;
  const text = data.toString("latin1");
  return text === ask || text === answer ? text : undefined;
}

/** Answers the other end, asks it after a silence whether it is there, and cuts it off when no word comes for long enough. */
export function keepAlive(
  webSocket: WebSocket,
  { webSocketSilenceMs, webSocketAnswerMs }: ServerLimits,
): void {
  let isAsked = false;
  let timer = setTimeout(askOrCutOff, webSocketSilenceMs);

  function askOrCutOff(): void {
    if (isAsked) {
      webSocket.terminate();
      return;
    }
    isAsked = true;
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(ask);
    timer = setTimeout(askOrCutOff, webSocketAnswerMs);
  }

  webSocket.on("message", (data, isBinary) => {
    if (isAsked) {
      isAsked = false;
      clearTimeout(timer);
      timer = setTimeout(askOrCutOff, webSocketSilenceMs);
    } else timer.refresh();
    if (readHeartbeat(data, isBinary) === ask && webSocket.readyState === webSocket.OPEN)
      webSocket.send(answer);
  });
  webSocket.once("close", () => clearTimeout(timer));
}
