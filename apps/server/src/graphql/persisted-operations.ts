import { readFileSync } from "node:fs";
import { AppError } from "@obsqra/platform";
import { z } from "zod";
import type { GraphqlRequest } from "./read-request.ts";

/** Operations that are known in advance, by their hashes. */
export type PersistedOperations = ReadonlyMap<string, string>;

const manifest = z.record(z.string(), z.string());

/**
 * Reads a file of operations by their hashes, as graphql-codegen writes `persisted-documents.json`.
 *
 * @throws Error when it cannot be read, or is none
 */
export function readOperations(file: string): PersistedOperations {
  try {
    return new Map(Object.entries(manifest.parse(JSON.parse(readFileSync(file, "utf8")))));
  } catch (cause) {
    throw new Error(`GRAPHQL_OPERATIONS: ${file} is no JSON object of operations by their hashes.`, {
      cause,
    });
  }
}

/**
 * The text of the operation that a request asks for: by its hash, or itself, where either is allowed.
 *
 * @throws AppError VALIDATION_FAILED
 */
export function findText(request: GraphqlRequest, operations: PersistedOperations | undefined): string {
  const { query, documentId = request.extensions?.persistedQuery?.sha256Hash } = request;
  // The way in which the hash was made may stand before it, as GraphQL over HTTP has it.
  const text = query ?? operations?.get((documentId ?? "").replace(/^sha256:/, ""));
  if (text === undefined) {
    throw refused(
      documentId === undefined
        ? ["query", "is missing"]
        : ["documentId", "is of no operation that the service knows"],
    );
  }
  if (operations === undefined || [...operations.values()].includes(text)) return text;
  throw refused(["query", "is none of the operations that the service takes"]);
}

function refused([path, message]: readonly [path: string, message: string]): AppError {
  return new AppError("VALIDATION_FAILED", { issues: [{ path, message }] });
}
