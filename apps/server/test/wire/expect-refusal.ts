import { type ErrorCode, errorCatalogue, httpStatusByTrpcCode } from "@obsqra/contract";
import { expect } from "vitest";
import { findInternals } from "./internals.ts";
import type { WireResponse } from "./start-test-server.ts";

/** An error as either protocol states it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly request_id: string;
  readonly details: unknown;
}

/**
 * Expects a complete refusal: the code, the status that belongs to it, a sentence, the id of the request in body and
 * header, the content type, and nothing internal.
 *
 * @param protocol "rest" for a problem; "trpc" for tRPC's envelope, of one call or of a batch that failed as a whole
 * @param status @default the one of the catalogue
 */
export function expectRefusal(
  response: WireResponse,
  code: ErrorCode,
  protocol: "rest" | "trpc" = "rest",
  status: number = httpStatusByTrpcCode[errorCatalogue[code].trpcCode],
): Refusal {
  expect([code, response.body]).toEqual([code, expect.stringContaining(code)]);
  expect(response.status).toBe(status);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const refusal = protocol === "rest" ? readProblem(response) : readEnvelope(response);
  expect(refusal).toMatchObject({ code, status, message: expect.stringMatching(/^[A-Z].{10,}[.]$/) });
  expect(refusal.request_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(refusal.request_id).toBe(response.headers.get("x-request-id"));
  expectNothingInternal(response.body);
  return refusal;
}

/** The protocol that is spoken at a path. */
export function protocolOf(path: string): "rest" | "trpc" {
  return path.startsWith("/trpc/") ? "trpc" : "rest";
}

/** Expects that a body says nothing about how the server is made. */
export function expectNothingInternal(body: string): void {
  expect([findInternals(body), body]).toEqual([undefined, body]);
}

function readProblem({ headers, body }: WireResponse): Refusal {
  expect(headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const { type, title, detail, ...rest } = JSON.parse(body) as Record<string, unknown>;
  expect([type, title]).toEqual([`/errors/${String(rest.code)}`, expect.stringMatching(/./)]);
  return { details: undefined, ...rest, message: detail } as Refusal;
}

function readEnvelope({ headers, body }: WireResponse): Refusal {
  expect(headers.get("content-type")).toMatch(/^application\/json/);
  const parsed: unknown = JSON.parse(body);
  const [{ error }] = [parsed].flat() as [
    { error: { message: string; data: Record<string, unknown> & { httpStatus: number } } },
  ];
  const { app_code, details, httpStatus, request_id, type, title, status, detail } = error.data;
  expect([type, title]).toEqual([`/errors/${String(app_code)}`, expect.stringMatching(/./)]);
  expect([status, detail]).toEqual([httpStatus, error.message]);
  return { code: app_code, message: error.message, details, status: httpStatus, request_id } as Refusal;
}
