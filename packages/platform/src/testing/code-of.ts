import type { AppError } from "../errors/app-error.ts";

/** What a caller can see of a failed call: its code, or undefined when it did not fail. */
export async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  return (await errorOf(call))?.code;
}

/** The catalogued error of a failed call, or undefined when it did not fail. */
export async function errorOf(call: Promise<unknown>): Promise<AppError | undefined> {
  return call.then(
    () => undefined,
    (error) => error.cause,
  );
}
