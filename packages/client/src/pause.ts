import { aborted } from "./aborted.ts";

/** Waits. @throws ObsqraError when the signal is aborted */
export type Pause = (milliseconds: number, signal: AbortSignal | null | undefined) => Promise<void>;

export const pause: Pause = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(aborted(signal.reason));
    const stop = () => {
      clearTimeout(timer);
      reject(aborted(signal?.reason));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
