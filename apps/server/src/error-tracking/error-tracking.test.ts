import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { z } from "zod";
import { createLogger } from "../logger.ts";
import { createErrorTracking } from "./create-error-tracking.ts";
import { openErrorTracking } from "./open-error-tracking.ts";

/** An event as it is sent, with nothing else in it: https://develop.sentry.dev/sdk/data-model/event-payloads/ */
const sentEvent = z.strictObject({
  event_id: z.string(),
  timestamp: z.number(),
  level: z.string(),
  platform: z.literal("node"),
  environment: z.string(),
  release: z.string(),
  sdk: z.unknown().optional(),
  contexts: z.strictObject({ trace: z.looseObject({}) }).optional(),
  message: z.string().optional(),
  tags: z.record(z.string(), z.string()),
  extra: z.strictObject({ log: z.string() }).optional(),
  exception: z
    .strictObject({
      values: z.array(
        z.strictObject({
          type: z.string(),
          value: z.string(),
          mechanism: z.unknown(),
          stacktrace: z.strictObject({ frames: z.array(z.looseObject({ filename: z.string() })) }).optional(),
        }),
      ),
    })
    .optional(),
});

/** What takes envelopes as Sentry does. */
async function startSentry(respond: RequestListener = (_req, res) => void res.end("{}")) {
  const bodies: string[] = [];
  const paths: (string | undefined)[] = [];
  const server = createServer(async (req, res) => {
    let body = "";
    for await (const chunk of req) body += chunk;
    bodies.push(body);
    paths.push(req.url);
    respond(req, res);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  // Safe: it listens on a port.
  const { port } = server.address() as AddressInfo;
  return {
    dsn: `http://public@127.0.0.1:${port}/42`,
    bodies,
    paths,
    events: () => bodies.map((body) => sentEvent.parse(JSON.parse(body.split("\n")[2] ?? ""))),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const settings = { environment: "production", serviceName: "obsqra-server", fetch };
const env = { DEBUG: false, ENVIRONMENT: "production" } as const;
const nowhere = { write: () => {} };

it("sends what the log says of errors with their stacks and causes, and nothing that is somebody's", async () => {
  await using sentry = await startSentry();
  const tracking = createErrorTracking({ ...settings, dsn: sentry.dsn, now: () => 0 });
  const log = createLogger(env, nowhere, { tracking, mixin: () => ({ trace_id: "4bf92f35" }) });
  const cause = new RangeError('invalid input syntax for type uuid: "ann@example.org"', {
    cause: new Error(
      "of ben@example.org, 0x04718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d from 10.0.0.7 and 2001:db8::1",
    ),
  });
  const err = new Error(
    "GET https://node.example.org/v3/a1b2c3d4?key=abc with obsqra_0123456789abcdefghijklmnopqrstuv",
    {
      cause,
    },
  );
  const secrets = {
    password: "horse battery",
    email: "ann@example.org",
    input: { amount: "12" },
    ip: "10.0.0.7",
  };
  log.info({ err }, "Nobody needs to look at this.");
  log.warn({ err }, "Nor at this.");
  log.error(
    { err, request_id: "req-1", procedure: "auth.me", ...secrets },
    "Call failed for ann@example.org",
  );
  log.fatal("The disk is full.");
  await tracking[Symbol.asyncDispose]();
  expect(sentry.paths).toEqual([
    expect.stringMatching(/^\/api\/42\/envelope\/\?.*sentry_key=public/),
    expect.anything(),
  ]);
  const [event, told] = sentry.events();
  expect(event).toMatchObject({
    level: "error",
    environment: "production",
    release: expect.stringMatching(/^obsqra@\d/),
    tags: { service: "obsqra-server", request_id: "req-1", procedure: "auth.me", trace_id: "4bf92f35" },
    extra: { log: "Call failed for [address]" },
  });
  expect(event?.exception?.values.map(({ type, value }) => [type, value])).toEqual([
    ["Error", "of [address], [hexadecimal] from [network] and [network]"],
    ["RangeError", 'invalid input syntax for type uuid: "[value]"'],
    ["Error", "GET https://node.example.org/[path]?[query] with [token]"],
  ]);
  const frames = event?.exception?.values.at(-1)?.stacktrace?.frames ?? [];
  expect(frames.at(-1)?.filename).toMatch(/error-tracking\.test\.ts$/);
  expect(told).toMatchObject({ level: "fatal", message: "The disk is full." });
  expect(sentry.bodies.join("")).not.toMatch(
    /horse|ann@|ben@|10\.0\.0\.7|04718f5a|"amount"|abcdefghij|a1b2c3d4/,
  );
});

it("sends nothing of a long value whose end is cut off, nor of a message whose lines look like frames", async () => {
  await using sentry = await startSentry();
  const tracking = createErrorTracking({ ...settings, dsn: sentry.dsn, now: () => 0 });
  const log = createLogger(env, nowhere, { tracking });
  const said = `"${"horse battery ".repeat(200)}"`;
  log.error({ err: new Error(`Refused: ${said}`) }, "It failed.");
  log.error({ err: new Error("Refused:\n    at horse (/battery/staple.js:1:1)") }, "It failed.");
  await tracking[Symbol.asyncDispose]();
  const [cut, framed] = sentry.events().map(({ exception }) => exception?.values[0]);
  expect(cut?.value).toBe('Refused: "[value]"');
  expect(framed?.stacktrace?.frames.at(-1)?.filename).toMatch(/error-tracking\.test\.ts$/);
});

it("sends few of many, and goes on in the next minute", async () => {
  await using sentry = await startSentry();
  let now = 0;
  const tracking = createErrorTracking({ ...settings, dsn: sentry.dsn, now: () => now });
  const report = (message: string) => tracking.report({ level: "error", message, fields: {} });
  for (let n = 0; n < 1_000; n += 1) report(`failure ${n}`);
  now = 61_000;
  report("a minute later");
  await tracking[Symbol.asyncDispose]();
  expect(sentry.events()).toHaveLength(61);
  expect(sentry.events().map(({ message }) => message)).toContain("a minute later");
});

it("asks for nothing more where the service asks for less, and neither throws nor waits where it is away", async () => {
  await using sentry = await startSentry((_req, res) => {
    res.writeHead(429, { "retry-after": "60" }).end();
  });
  const limited = createErrorTracking({ ...settings, dsn: sentry.dsn, now: () => 0 });
  const report = (tracking: typeof limited) =>
    tracking.report({ level: "error", message: "failed", fields: { err: new Error("failed") } });
  report(limited);
  await expect.poll(() => sentry.bodies.length).toBe(1);
  // Its response has to be read before the next error for it to count.
  await expect
    .poll(async () => {
      const before = sentry.bodies.length;
      report(limited);
      await new Promise((resolve) => setImmediate(resolve));
      return sentry.bodies.length === before;
    })
    .toBe(true);
  await limited[Symbol.asyncDispose]();
  const away = createErrorTracking({ ...settings, dsn: "http://public@127.0.0.1:9/1", now: () => 0 });
  report(away);
  await away[Symbol.asyncDispose]();
});

it("is not there where it is not asked for", async () => {
  expect(await openErrorTracking({ SENTRY_DSN: undefined, ENVIRONMENT: "production" }, "obsqra-server")).toBe(
    undefined,
  );
});
