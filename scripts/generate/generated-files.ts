import { buildOpenApiDocument } from "../../packages/openapi/src/document/build-openapi-document.ts";
import { printClientRouter } from "./client-router.ts";
import { printErrorsDocument } from "./errors-document.ts";
import { format } from "./format.ts";

/** The text of every file that is made from the contract, by its path from the root. */
export function generateFiles(): Map<string, string> {
  const router = "packages/client/src/router.ts";
  const document = "packages/openapi/openapi.json";
  const errors = "docs/errors.md";
  return new Map([
    [router, format(router, printClientRouter())],
    [document, format(document, JSON.stringify(buildOpenApiDocument()))],
    [errors, format(errors, printErrorsDocument())],
  ]);
}

/** The paths whose text in `read` is not the generated one; a file that is not there gives undefined. */
export function listOutdated(
  generated: ReadonlyMap<string, string>,
  read: (path: string) => string | undefined,
): string[] {
  return [...generated].filter(([path, text]) => read(path) !== text).map(([path]) => path);
}
