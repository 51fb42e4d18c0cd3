import type { Operation, OperationResultEnvelope, TRPCClientError, TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { AppRouter } from "./router.ts";
import { toObsqraError } from "./to-obsqra-error.ts";

export type Envelope = OperationResultEnvelope<unknown, TRPCClientError<AppRouter>>;

/** Passes an operation on to the next links, and waits for what becomes of it; fails with an `ObsqraError`. */
export type Send = (operation: Operation) => Promise<Envelope>;

/** Makes a link of a function that sends an operation as often as it sees fit. Whatever it fails with becomes an `ObsqraError`. */
export function createAsyncLink(
  handle: (operation: Operation, send: Send) => Promise<Envelope>,
): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        let cancel: (() => void) | undefined;
        const send: Send = (operation) =>
          new Promise((resolve, reject) => {
            const request = next(operation).subscribe({
              next: resolve,
              error: (error) => reject(toObsqraError(error)),
            });
            cancel = () => request.unsubscribe();
          });
        handle(op, send).then(
          (envelope) => {
            observer.next(envelope);
            observer.complete();
          },
          (error: unknown) => observer.error(toObsqraError(error)),
        );
        return () => cancel?.();
      });
}
