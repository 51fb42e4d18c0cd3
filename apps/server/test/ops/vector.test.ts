import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { createLogger } from "../../src/logger.ts";
import { readRepositoryFile } from "./ops-files.ts";

// Vector is not there in our tests: its configuration is read as text, and its program line by line.
const vector = z
  .strictObject({
    data_dir: z.string(),
    secret: z.strictObject({
      files: z.strictObject({
        type: z.literal("directory"),
        path: z.literal("/run/secrets"),
        remove_trailing_whitespace: z.literal(true),
      }),
    }),
    sources: z.strictObject({ containers: z.strictObject({ type: z.literal("docker_logs") }) }),
    transforms: z.strictObject({
      lines: z.strictObject({
        type: z.literal("remap"),
        inputs: z.tuple([z.literal("containers")]),
        drop_on_error: z.literal(true),
        drop_on_abort: z.literal(true),
        source: z.string(),
      }),
    }),
    sinks: z.strictObject({
      loki: z.strictObject({
        type: z.literal("loki"),
        inputs: z.tuple([z.literal("lines")]),
        endpoint: z.url(),
        auth: z.strictObject({ strategy: z.literal("basic"), user: z.string(), password: z.string() }),
        labels: z.record(z.string(), z.string()),
        encoding: z.strictObject({ codec: z.literal("text") }),
        buffer: z.strictObject({
          type: z.literal("disk"),
          // The least that Vector takes.
          max_size: z.int().min(268_435_488),
          when_full: z.enum(["block", "drop_newest"]),
        }),
      }),
    }),
  })
  .parse(parse(readRepositoryFile("ops/vector/vector.yaml")));
const { source } = vector.transforms.lines;
const { loki } = vector.sinks;

/** A line as the service writes it. */
function writeLine(level: "trace" | "debug" | "info" | "warn" | "error" | "fatal"): Record<string, unknown> {
  const lines: string[] = [];
  const logger = createLogger(
    { DEBUG: true, ENVIRONMENT: "production" },
    { write: (line) => lines.push(line) },
  );
  logger.level = "trace";
  logger[level]({ reqId: "r-1", userId: "u-1" }, "something happened");
  return JSON.parse(lines.join(""));
}

it("reads nothing of a line that ours do not have", () => {
  const named = Array.from(source.matchAll(/\bline\.(\w+)/g), ([, name = ""]) => name);
  expect(new Set(named)).toEqual(new Set(["time", "level", "msg"]));
  z.looseObject({ time: z.int(), level: z.int(), msg: z.string() }).parse(writeLine("info"));
  expect(source).toContain('from_unix_timestamp!(int!(line.time), unit: "milliseconds")');
});

it.each(["trace", "debug", "info", "warn", "error", "fatal"] as const)(
  "calls the level %s by its name",
  (level) => {
    const [, name] =
      new RegExp(`line\\.level == ${writeLine(level).level} \\{\\s+"(\\w+)"`).exec(source) ?? [];
    expect(name).toBe(level);
  },
);

it("makes labels of the service and the level alone, and sends the line as it was written", () => {
  expect(loki.labels).toEqual({ service: "{{ service }}", level: "{{ level }}" });
  const [, sent = ""] = /^\. = \{\n([^}]*)\}/m.exec(source) ?? [];
  const fields = new Map(
    Array.from(sent.matchAll(/"(\w+)": (.*?),?\n/g), ([, name, value]) => [name, value]),
  );
  expect(Object.fromEntries(fields)).toEqual({
    message: ".message",
    timestamp: "time",
    level: "level",
    service: 'string!(.label."com.docker.compose.service")',
  });
});

it("knows no secret, and leads Grafana to where the lines are", () => {
  expect(loki.auth).toMatchObject({
    user: "SECRET[files.loki-user]",
    password: "SECRET[files.loki-password]",
  });
  expect(parse(readRepositoryFile("ops/grafana/provisioning/datasources/loki.yml"))).toEqual({
    apiVersion: 1,
    datasources: [
      {
        name: "Loki",
        uid: "loki",
        type: "loki",
        url: loki.endpoint,
        basicAuth: true,
        basicAuthUser: "$LOKI_USER",
        secureJsonData: { basicAuthPassword: "$LOKI_PASSWORD" },
      },
    ],
  });
});
