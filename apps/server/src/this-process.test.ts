import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";

const script = `
  const { thisProcess, endProcess } = await import(${JSON.stringify(new URL("this-process.ts", import.meta.url))});
  thisProcess.write("what it found\\n");
  await new Promise((resolve) => setImmediate(resolve));
  await endProcess(0);`;
const parameters = ["--input-type=module", "--eval", script];

it.skipIf(process.platform !== "linux")(
  "says that what it found could not be written, and does not end as if it were",
  async () => {
    const child = spawn(process.execPath, parameters, {
      stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
    });
    const ended = once(child, "exit");
    if (child.stderr === null) throw new Error("The process was started without its errors.");
    expect(await text(child.stderr)).toBe("What this has to say could not be written (ENOSPC).\n");
    expect(await ended).toEqual([1, null]);
  },
);

it("ends as it would have where its reader has gone", async () => {
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const ended = once(child, "exit");
  expect(await text(child.stderr)).toBe("");
  expect(await ended).toEqual([0, null]);
});
