import { randomBytes } from "node:crypto";
import { mkdtempDisposable, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { developmentSecretKey } from "./secret-key.ts";

it("is made once, and then stays", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-secret-"));
  const first = developmentSecretKey(folder.path, randomBytes);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(developmentSecretKey(folder.path, randomBytes)).toBe(first);
  expect(await readFile(join(folder.path, "secret-key"), "utf8")).toBe(first);
});

it("can be read by its owner only, and makes the directory that it is kept in", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-secret-"));
  const directory = join(folder.path, "new", "data");
  developmentSecretKey(directory, randomBytes);
  expect((await stat(join(directory, "secret-key"))).mode & 0o777).toBe(0o600);
});

it("differs from directory to directory", async () => {
  await using one = await mkdtempDisposable(join(tmpdir(), "obsqra-secret-"));
  await using other = await mkdtempDisposable(join(tmpdir(), "obsqra-secret-"));
  expect(developmentSecretKey(one.path, randomBytes)).not.toBe(developmentSecretKey(other.path, randomBytes));
});
