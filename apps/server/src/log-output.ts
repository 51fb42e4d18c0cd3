import { constants, fstatSync, openSync, writeSync } from "node:fs";
import type { DestinationStream } from "pino";

/**
 * As many bytes as are gathered before they are written, and how long the last of them wait. More than `writtenBytes`, a longer line
 * excepted, is not written at once: a pipe that several processes share takes as much without tearing it (PIPE_BUF of Linux).
 */
const gatheredBytes = 3 * 1024;
const writtenBytes = 4 * 1024;
const gatheredMs = 100;
/** What waits for an output that takes nothing; beyond, lines are lost. */
const keptBytes = 1024 * 1024;
/** How long the exit of the process waits for an output that takes nothing. */
const exitWaitMs = 1_000;

/** Where lines go: it takes a beginning of them, and says how many bytes. @throws as `writeSync` does */
export type WriteBytes = (bytes: Uint8Array) => number;

/** Writes lines, a few at once. */
export interface LogOutput extends DestinationStream {
  /** Writes what waits, as far as the output takes it; what is left is lost with the process. */
  flush(done?: () => void): void;
}

/**
 * Lines of the log, written by this thread, in order. A disk that is full, or a reader of a pipe that does not read, must not stop the
 * service: what cannot be written waits, up to a mebibyte, and is tried again; lines beyond that are lost, which the log says once it can.
 * pino's own destination throws, and then waits at the exit until there is room, for good.
 *
 * @param write @default to standard output
 */
export function gatherLines(write: WriteBytes = writeToOutput()): LogOutput {
  let waiting: Uint8Array[] = [];
  let gathered = "";
  let keptLength = 0;
  let linesLost = 0;
  const seal = () => {
    if (gathered === "") return;
    waiting.push(Buffer.from(gathered));
    gathered = "";
  };
  /** Whether everything was taken. */
  const writeWaiting = (): boolean => {
    seal();
    while (waiting[0] !== undefined) {
      const taken = tryToWrite(write, waiting[0]);
      keptLength -= taken;
      if (taken < waiting[0].length) {
        waiting[0] = waiting[0].subarray(taken);
        if (taken === 0) return false;
      } else waiting.shift();
    }
    return true;
  };
  const add = (line: string) => {
    if (keptLength > keptBytes) {
      linesLost += 1;
      return;
    }
    const length = Buffer.byteLength(line);
    if (gathered !== "" && Buffer.byteLength(gathered) + length > writtenBytes) seal();
    gathered += line;
    keptLength += length;
  };
  const writeAll = () => {
    if (!writeWaiting() || linesLost === 0) return;
    add(
      `${JSON.stringify({ level: 40, time: Date.now(), pid: process.pid, lines: linesLost, msg: lostMessage })}\n`,
    );
    linesLost = 0;
    writeWaiting();
  };
  const flush = (done?: () => void) => {
    let kept = keptLength;
    let since = performance.now();
    for (writeAll(); keptLength > 0 && performance.now() - since < exitWaitMs; writeAll()) {
      if (keptLength < kept) since = performance.now();
      kept = keptLength;
      sleep(10);
    }
    waiting = [];
    keptLength = 0;
    done?.();
  };
  setInterval(writeAll, gatheredMs).unref();
  process.once("exit", () => flush());
  return {
    write: (line) => {
      add(line);
      // Once something waits for the output, it is tried again by the timer only, and not for each line.
      if (waiting.length === 0 && keptLength > gatheredBytes) writeAll();
    },
    flush,
  };
}

const lostMessage = "Lines of the log were lost: they could not be written.";

function tryToWrite(write: WriteBytes, bytes: Uint8Array): number {
  try {
    return write(bytes);
  } catch {
    // Full, not read, or closed: there is nowhere to tell.
    return 0;
  }
}

/**
 * Standard output. A pipe is opened anew, so that writing to it does not wait for its reader: what a process does to the pipe that it was
 * given, it does to all who share it.
 */
function writeToOutput(): WriteBytes {
  const output = openWithoutWaiting() ?? 1;
  return (bytes) => writeSync(output, bytes);
}

function openWithoutWaiting(): number | undefined {
  try {
    if (!fstatSync(1).isFIFO()) return undefined;
    return openSync("/proc/self/fd/1", constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // There is no such directory on other systems, or the pipe is another user's.
    return undefined;
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
