import { expect, it } from "vitest";
import { readEnvironment } from "./env.ts";
import { runWorker } from "./run-worker.ts";

it("refuses to start on the embedded database, which a server has for itself", async () => {
  let complaint = "";
  const code = await runWorker({
    readEnvironment: () => readEnvironment({}),
    write: () => {},
    complain: (text) => {
      complaint += text;
    },
    stop: { signal: new AbortController().signal, requested: Promise.resolve() },
  });
  expect(code).toBe(1);
  expect(complaint).toContain("DATABASE_URL: set it, because a worker shares a Postgres with servers");
});
