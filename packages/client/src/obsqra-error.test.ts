import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { TRPCClientError } from "@trpc/client";
import { describe, expect, expectTypeOf, it } from "vitest";
import { openService } from "../test/service-double.ts";
import { createClient, createMemoryTokenStorage, isObsqraError, ObsqraError } from "./index.ts";

const transaction = { tx_hash: "0x1", tx_type: "deposit", amount: "1" } as const;
const tokens = createMemoryTokenStorage({ access_token: "access-1", refresh_token: "refresh-1" });

/** A server that sends the same response to every request. */
async function openHost(status: number, contentType: string, body: string) {
  const server = createServer((_request, response) => {
    response.writeHead(status, { "content-type": contentType }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.unreachable("The call did not fail."),
    (error: unknown) => error,
  );
}

describe("errors of the service", () => {
  it("have the code, the details and the request's id, and are tRPC errors too", async () => {
    await using service = await openService();
    const client = createClient({ url: service.url, tokens });
    const error = await failure(client.transactions.create.mutate(transaction));
    expect(error).toBeInstanceOf(ObsqraError);
    expect(error).toBeInstanceOf(TRPCClientError);
    expect(error).toMatchObject({
      name: "ObsqraError",
      code: "TRANSACTION_ALREADY_LOGGED",
      details: { tx_hash: "0x1" },
      request_id: "request-1",
      status: 409,
      message: "The service says TRANSACTION_ALREADY_LOGGED.",
      data: { httpStatus: 409, path: "transactions.create" },
    });
  });

  it("are narrowed by code, for the compiler and at run time", async () => {
    await using service = await openService();
    const client = createClient({ url: service.url, tokens });
    const error = await failure(client.transactions.create.mutate(transaction));
    expect(isObsqraError(error, "EMAIL_TAKEN")).toBe(false);
    expect(isObsqraError(new Error("another"))).toBe(false);
    if (!isObsqraError(error, "TRANSACTION_ALREADY_LOGGED")) throw error;
    expectTypeOf(error.details).toEqualTypeOf<{ tx_hash: string }>();
  });

  it("can be switched over", () => {
    const describeError = (error: unknown): string => {
      if (!isObsqraError(error)) return "unknown";
      switch (error.code) {
        case "VALIDATION_FAILED":
          return error.details.issues.map(({ path }) => path).join();
        case "RESPONSE_UNREADABLE":
          return `status ${error.details.status}`;
        default:
          return error.message;
      }
    };
    const issues = [{ path: "email", message: "is missing" }];
    const error = new ObsqraError("VALIDATION_FAILED", { issues }, { message: "The input is not valid." });
    expect(describeError(error)).toBe("email");
  });

  it("are read from a problem document too, which is sent where tRPC is not reached", async () => {
    const problem = {
      code: "PAYLOAD_TOO_LARGE",
      detail: "The request body is too large.",
      status: 413,
      request_id: "request-9",
    };
    await using host = await openHost(413, "application/problem+json", JSON.stringify(problem));
    for (const batch of [true, false]) {
      const error = await failure(createClient({ url: host.url, batch }).auth.me.query());
      expect(error).toMatchObject({ code: "PAYLOAD_TOO_LARGE", status: 413, request_id: "request-9" });
    }
  });
});

describe("errors of the connection", () => {
  it("say that nothing responds, with the reason as cause", async () => {
    const error = await failure(createClient({ url: "http://127.0.0.1:1/", maxRetries: 0 }).auth.me.query());
    expect(error).toMatchObject({
      code: "CONNECTION_FAILED",
      message: "The Obsqra API cannot be reached at http://127.0.0.1:1.",
      cause: expect.any(Error),
    });
  });

  it.each([
    [502, "text/html", "<h1>Bad gateway</h1>"],
    [200, "application/json", '{"hello":"world"}'],
    [200, "application/json", '[{"result":'],
  ])("say that something else responds: %i %s %s", async (status, contentType, body) => {
    await using host = await openHost(status, contentType, body);
    const error = await failure(createClient({ url: host.url, maxRetries: 0 }).auth.me.query());
    expect(error).toMatchObject({ code: "RESPONSE_UNREADABLE", details: { status } });
  });

  it("say that a call was aborted", async () => {
    await using service = await openService();
    const call = createClient({ url: service.url }).auth.me.query(undefined, { signal: AbortSignal.abort() });
    expect(await failure(call)).toMatchObject({ code: "REQUEST_ABORTED" });
  });

  it("tell a timeout from an end that somebody asked for, and say why", async () => {
    await using host = await openHost(200, "application/json", "never read");
    const never = () => new Promise<never>(() => {});
    const client = createClient({ url: host.url, fetch: never });
    const timedOut = await failure(client.auth.me.query(undefined, { signal: AbortSignal.timeout(1) }));
    expect(timedOut).toMatchObject({ code: "REQUEST_TIMED_OUT", cause: { name: "TimeoutError" } });
    const context = { timeoutMs: 1 };
    expect(await failure(client.auth.me.query(undefined, { context }))).toMatchObject({
      code: "REQUEST_TIMED_OUT",
      cause: { name: "TimeoutError", message: "The call took more than 1 ms." },
    });
    const impatient = createClient({ url: host.url, fetch: never, timeoutMs: 1 });
    const both = await Promise.all([
      failure(impatient.auth.me.query()),
      failure(impatient.users.profile.query()),
    ]);
    for (const error of both) expect(error).toMatchObject({ code: "REQUEST_TIMED_OUT" });
    const left = new AbortController();
    const call = failure(client.auth.me.query(undefined, { signal: left.signal }));
    left.abort(new Error("The page was left."));
    expect(await call).toMatchObject({ code: "REQUEST_ABORTED", cause: { message: "The page was left." } });
  });

  it("end one call of a batch, and leave the others alone", async () => {
    await using service = await openService();
    const client = createClient({ url: service.url, tokens });
    const left = new AbortController();
    const ended = failure(client.auth.me.query(undefined, { signal: left.signal }));
    const kept = client.users.profile.query();
    left.abort();
    expect(await ended).toMatchObject({ code: "REQUEST_ABORTED" });
    expect((await kept).email).toBe("ada@example.org");
  });
});

it.each([
  ["a storage", { tokens: { read: () => fail("the storage") } }],
  ["headers", { headers: () => fail("the headers") }],
  ["a hook", { onRequest: () => fail("the hook") }],
])("whatever the application gives is named when it fails: %s", async (_what, options) => {
  await using service = await openService();
  for (const batch of [true, false]) {
    const error = await failure(createClient({ url: service.url, batch, ...options }).auth.me.query());
    expect(error).toBeInstanceOf(ObsqraError);
    expect(error).toMatchObject({ code: "CLIENT_FAILED", message: expect.stringContaining("fails here") });
  }
});

it("an input that JSON cannot hold is an error like all others", async () => {
  const input = { tx_hash: 1n } as unknown as { tx_hash: string };
  const error = await failure(createClient({ url: "http://127.0.0.1:1" }).transactions.get.query(input));
  expect(error).toMatchObject({ code: "CLIENT_FAILED" });
});

function fail(what: string): never {
  throw new Error(`${what} fails here`);
}
