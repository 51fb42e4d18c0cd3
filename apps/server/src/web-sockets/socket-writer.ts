import { once } from "node:events";
import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/** Writes to a WebSocket, as long as it is open. */
export interface SocketWriter {
  isOpen(): boolean;
  /** Sends a message. */
  send(text: string): void;
  /** Sends whole frames as they are, in one write. */
  sendFrames(frames: Buffer): void;
  /** Waits until there is room for more; does not wait for a connection that is gone. */
  drained(): Promise<void>;
}

/** @param socket what carries the WebSocket, on which ws itself writes whole frames, too, and at once since it compresses nothing */
export function createSocketWriter(webSocket: WebSocket, socket: Socket): SocketWriter {
  const isOpen = () => webSocket.readyState === webSocket.OPEN;
  /** One for all who wait. */
  let draining: Promise<void> | undefined;

  async function drain(): Promise<void> {
    const over = new AbortController();
    const { signal } = over;
    await Promise.race([once(socket, "drain", { signal }), once(socket, "close", { signal })]).catch(
      () => {},
    );
    over.abort();
    draining = undefined;
  }

  return {
    isOpen,
    send: (text) => {
      if (isOpen()) webSocket.send(text);
    },
    sendFrames: (frames) => {
      // Nothing follows a farewell.
      if (isOpen()) socket.write(frames);
    },
    drained: async () => {
      while (socket.writableNeedDrain && !socket.destroyed) {
        draining ??= drain();
        await draining;
      }
    },
  };
}
