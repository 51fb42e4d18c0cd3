import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { initTRPC, TRPCError } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import type { ErrorCode, ErrorDetailsByCode, ErrorShape, Tokens, User } from "../src/index.ts";

/**
 * A service with one user, whose tokens are numbered: `access-2` and `refresh-2` come after the first renewal. It takes
 * the API key `obsqra_good`, too, and no other.
 */
export interface ServiceDouble extends AsyncDisposable {
  readonly url: string;
  /** Number of the pair that is accepted now. */
  current: number;
  /** What was called, in order, with the token that came along. */
  readonly calls: { readonly path: string; readonly token: string | undefined }[];
  /** One entry per HTTP request. */
  readonly requests: string[];
  /** One entry per HTTP request. */
  readonly idempotencyKeys: (string | undefined)[];
  /** Runs before a refresh token is checked. */
  beforeRefresh: () => Promise<void>;
}

class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetailsByCode[ErrorCode];

  constructor(code: ErrorCode, details?: ErrorDetailsByCode[ErrorCode]) {
    super(`The service says ${code}.`);
    this.code = code;
    this.details = details;
  }
}

interface Context {
  readonly token: string | undefined;
}

export async function openService(): Promise<ServiceDouble> {
  const calls: ServiceDouble["calls"] = [];
  const requests: string[] = [];
  const idempotencyKeys: ServiceDouble["idempotencyKeys"] = [];
  const t = initTRPC.context<Context>().create({
    errorFormatter: ({ shape, error }): ErrorShape => {
      const { cause } = error;
      const known = cause instanceof ServiceError ? cause : new ServiceError("INTERNAL_ERROR");
      const data = { code: shape.data.code, httpStatus: shape.data.httpStatus, path: shape.data.path };
      const facts = { app_code: known.code, details: known.details, request_id: "request-1" };
      const words = { type: `/errors/${known.code}`, title: known.code, detail: known.message };
      const problem = { ...words, status: shape.data.httpStatus };
      return { ...shape, message: known.message, data: { ...data, ...facts, ...problem } };
    },
  });
  const anyone = t.procedure.use(({ ctx, path, next }) => {
    calls.push({ path, token: ctx.token });
    return next();
  });
  const signedIn = anyone.use(({ ctx, next }) => {
    if (ctx.token === undefined) throw refused("UNAUTHENTICATED");
    if (ctx.token === "obsqra_good") return next();
    if (ctx.token.startsWith("obsqra_")) throw refused("API_KEY_INVALID");
    if (ctx.token !== `access-${service.current}`) throw refused("TOKEN_EXPIRED");
    return next();
  });
  const router = t.router({
    auth: t.router({
      login: anyone
        .input((value) => value as { email: string; password: string })
        .mutation(({ input }) => {
          if (input.password !== "right") throw refused("CREDENTIALS_INVALID");
          return tokens();
        }),
      refresh: anyone
        .input((value) => value as { refresh_token: string })
        .mutation(async ({ input }) => {
          await service.beforeRefresh();
          if (input.refresh_token !== `refresh-${service.current}`) throw refused("REFRESH_TOKEN_INVALID");
          service.current += 1;
          return tokens();
        }),
      reauthenticate: signedIn
        .input((value) => value as { password: string })
        .mutation(({ input }) => {
          if (input.password !== "right") throw refused("PASSWORD_WRONG");
          service.current += 1;
          return tokens();
        }),
      logout: signedIn.mutation(() => undefined),
      logout_everywhere: signedIn.mutation(() => undefined),
      me: signedIn.query(() => ada),
    }),
    users: t.router({
      profile: signedIn.query(() => ada),
      schedule_deletion: signedIn.mutation(() => ({ erased_after: "2026-01-15T00:00:00.000Z" })),
    }),
    transactions: t.router({
      get: signedIn
        .input((value) => value as { tx_hash: string })
        .query(() => {
          throw new TRPCError({ code: "NOT_FOUND", cause: new ServiceError("TRANSACTION_NOT_FOUND") });
        }),
      list: signedIn
        .input((value) => value as { limit?: number; cursor?: string } | undefined)
        .query(({ input: { limit = 2, cursor = "0" } = {} }) => {
          const start = Number(cursor);
          const end = start + limit;
          const items = hashes.slice(start, end).map((tx_hash) => ({ tx_hash }));
          return { items, next_cursor: end < hashes.length ? String(end) : null };
        }),
      create: signedIn.mutation(() => {
        const details = { tx_hash: "0x1" };
        const cause = new ServiceError("TRANSACTION_ALREADY_LOGGED", details);
        throw new TRPCError({ code: "CONFLICT", cause });
      }),
    }),
  });
  const server = createHTTPServer({
    router,
    basePath: "/trpc/",
    createContext: ({ req }): Context => {
      requests.push(req.url ?? "");
      idempotencyKeys.push(req.headers["idempotency-key"]?.toString());
      return { token: req.headers.authorization?.replace("Bearer ", "") };
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const service: ServiceDouble = {
    url: `http://127.0.0.1:${port}`,
    current: 1,
    calls,
    requests,
    idempotencyKeys,
    beforeRefresh: async () => {},
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return service;

  function tokens(): Tokens {
    const { current } = service;
    return {
      access_token: `access-${current}`,
      refresh_token: `refresh-${current}`,
      token_type: "bearer",
      expires_in: 1800,
    };
  }
}

function refused(code: ErrorCode): TRPCError {
  return new TRPCError({ code: "UNAUTHORIZED", cause: new ServiceError(code) });
}

/** Of the transactions that are listed. */
const hashes = ["0x1", "0x2", "0x3"];

const ada: User = {
  id: "0198c5a0-0000-7000-8000-000000000001",
  email: "ada@example.org",
  full_name: "Ada",
  wallet_address: null,
  is_verified: false,
  created_at: "2026-01-01T00:00:00.000Z",
};
