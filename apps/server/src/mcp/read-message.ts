import { AppError } from "@obsqra/platform";

/** What an agent has sent. */
export interface AgentMessage {
  readonly method?: unknown;
}

/** Values of a message beside its tool's arguments. What a client says of itself, and asks for, has a few dozen. */
const valuesMax = 200;
/** Values of a tool's arguments: the longest question has about a thousand. */
const argumentValuesMax = 2_000;

/**
 * Reads a message. How many values it has is limited before the protocol's library looks at it, which makes a long sentence of each value
 * that it did not expect: of 30,000 in 60 KB, six megabytes in half a second, in which nobody else had an answer.
 *
 * @throws AppError MALFORMED_REQUEST of a batch, of which each message would be a call of its own, and VALIDATION_FAILED
 */
export function readMessage(body: unknown): AgentMessage {
  // The protocol has no batches since 2025-06-18.
  if (!isObject(body)) throw new AppError("MALFORMED_REQUEST", undefined);
  const { params } = body;
  const given = isObject(params) ? params.arguments : undefined;
  const ofArguments = countValues(given, argumentValuesMax);
  if (ofArguments > argumentValuesMax) refuse("params.arguments", argumentValuesMax);
  if (countValues(body, valuesMax + ofArguments) - ofArguments > valuesMax) refuse("", valuesMax);
  return body;
}

function refuse(path: string, most: number): never {
  throw new AppError("VALIDATION_FAILED", { issues: [{ path, message: `send at most ${most} values` }] });
}

/** Counts a value and all within it, or one more than so many. */
function countValues(value: unknown, most: number): number {
  if (typeof value !== "object" || value === null) return 1;
  let count = 1;
  for (const inner of Object.values(value)) {
    if (count > most) break;
    count += countValues(inner, most - count);
  }
  return count;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
