import { randomBytes } from "node:crypto";
import { createTestDatabase, type TestDatabase } from "@obsqra/db/testing";
import { accessTokenSettings } from "../access/access-token.ts";
import type { PlatformDependencies } from "../call/call-context.ts";
import { requireExactOutput } from "../call/check-output.ts";
import type { RequestFacts } from "../call/request-facts.ts";
import { createIdGenerator } from "../create-id.ts";
import { createCallTurns } from "../limits/call-turns.ts";
import { createSealer } from "../sealer.ts";
import { createEventStreams } from "../streams/event-streams.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";

/** What the platform uses, on a database of its own, and nothing of any feature. */
export interface TestPlatform extends AsyncDisposable {
  readonly deps: PlatformDependencies;
  readonly clock: TestClock;
  readonly database: TestDatabase;
  /** What was logged, oldest first. */
  readonly logged: { readonly facts: object; readonly message: string }[];
}

const secretKey = "a key that only tests use, 32 bytes or more";

/** Calls are not counted. Use with `await using`. */
export async function createTestPlatform(): Promise<TestPlatform> {
  const database = await createTestDatabase();
  const clock = createTestClock();
  const logged: TestPlatform["logged"] = [];
  const log = (facts: object, message: string) => void logged.push({ facts, message });
  const tools = { db: database.db, clock, log: { info: log, warn: log, error: log } };
  const accessTokens = accessTokenSettings([secretKey], 30);
  const eventStreams = createEventStreams({ ...tools, accessTokens, callLimiter: undefined });
  return {
    deps: {
      ...tools,
      createId: createIdGenerator({ clock, randomBytes }),
      accessTokens,
      sealer: createSealer([secretKey], randomBytes),
      callLimiter: undefined,
      callTurns: createCallTurns(),
      checkOutput: requireExactOutput,
      publicRead: true,
      eventStreams,
      sharedResponses: undefined,
    },
    clock,
    database,
    logged,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** A request about which nothing is known. */
export function testRequest(facts: Partial<RequestFacts> = {}): RequestFacts {
  return { id: "test-request", access_token: undefined, ip: undefined, user_agent: undefined, ...facts };
}
