import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  accessErrorCodes,
  type ErrorCode,
  listEndpoints,
  mutationErrorCodes,
  sharedErrorCodes,
} from "@obsqra/contract";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Errors of requests that reach no endpoint, and of WebSockets, which take few: no endpoint can declare them. */
const withoutEndpoint: readonly ErrorCode[] = [
  "ROUTE_NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "ORIGIN_NOT_ALLOWED",
  "SUBSCRIPTIONS_ONLY",
];

function thrownCodes(): Set<string> {
  const files = globSync("{packages/{platform,features,openapi},apps/server}/src/**/*.ts", {
    cwd: root,
    exclude: (name) => name.endsWith(".test.ts"),
  });
  const texts = files.map((file) => readFileSync(`${root}/${file}`, "utf8"));
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/new AppError\(\s*"(\w+)"/g)].map(([, code = ""]) => code)),
  );
}

const declaredByEndpoints = new Set(
  listEndpoints().flatMap(({ endpoint }) => [...endpoint.errors, ...accessErrorCodes(endpoint)]),
);

it("throws no error that neither an endpoint declares nor all endpoints share", () => {
  const declared = new Set<string>([
    ...declaredByEndpoints,
    ...mutationErrorCodes,
    ...sharedErrorCodes,
    ...withoutEndpoint,
  ]);
  expect([...thrownCodes()].filter((code) => !declared.has(code))).toEqual([]);
});

it("throws every error that an endpoint declares", () => {
  const thrown = thrownCodes();
  const missing = [...declaredByEndpoints, ...mutationErrorCodes, ...sharedErrorCodes].filter(
    (code) => !thrown.has(code),
  );
  expect(missing).toEqual([]);
});
