import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { buildOpenApiDocument } from "@obsqra/openapi/document";
import { expect, inject, it } from "vitest";
import { startExampleServer } from "./start-example-server.ts";

const run = promisify(execFile);

const hasCurl = await run("curl", ["--version"]).then(
  () => true,
  () => false,
);

it.runIf(hasCurl && inject("databaseEngine") === "pglite")(
  "the guide on top of /docs leads from registering to everything else, command by command",
  async () => {
    await using server = await startExampleServer();
    const { description } = buildOpenApiDocument().info as { readonly description: string };
    const blocks = Array.from(description.matchAll(/```sh\n(.*?)```/gs), ([, block = ""]) => block);
    expect(blocks.length).toBeGreaterThan(8);
    const script = blocks.map((block, index) => `printf "\\n== ${index}\\n"\n${block}`).join("\n");
    const commands = script.replaceAll("http://localhost:8000", server.url);
    const { stdout } = await run("sh", ["-eu", "-c", commands]);
    const [signedIn, , byKey, repeated, pages, failed, limits, cached, followed, told, version] = stdout
      .split(/^== \d+\n/m)
      .slice(1);

    expect(signedIn).toContain('"email":"ada@example.org"');
    expect(signedIn).toContain('"simulated":true');
    expect(byKey).toContain('"items":[{"protocol":"ekubo"');
    expect(repeated?.match(/HTTP\/1\.1 201 /g)).toHaveLength(2);
    expect(repeated?.match(/^idempotent-replayed: true/gm)).toHaveLength(1);
    expect(pages).toContain('"tx_hash":"0x0000000000000000000000000000000000000000000000000000000000005a1d"');
    expect(failed).toMatch(/"type":"\/errors\/VALIDATION_FAILED".*"path":"tx_hash".*"path":"amount"/s);
    expect(limits).toMatch(/^ratelimit: "ip";r=\d+;t=\d+/m);
    expect(limits).toContain('"plan":"free"');
    expect(cached?.trim()).toBe("304");
    expect(followed).toMatch(/^id: [0-9]+-[0-9]+\ndata: {"type":"transaction.logged"/m);
    expect(told).toContain('"event_type":"webhook.test"');
    expect(version).toContain('"api":"v1"');
    // One request is meant to fail.
    expect(stdout.match(/"code":"/g)).toHaveLength(1);
  },
  180_000,
);
