import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtempDisposable, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { developmentSecretKey, SecretKeyError } from "./secret-key.ts";

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

it.each(["", "x", " \n", "0".repeat(63), "not a key of ours".repeat(4)])(
  "is not taken from a file that holds %j, and the file is left as it is",
  async (content) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-secret-"));
    const file = join(folder.path, "secret-key");
    await writeFile(file, content);
    expect(() => developmentSecretKey(folder.path, randomBytes)).toThrow(SecretKeyError);
    expect(await readFile(file, "utf8")).toBe(content);
  },
);

it("is taken from a file to which an editor has added a line break", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-secret-"));
  const key = developmentSecretKey(folder.path, randomBytes);
  await writeFile(join(folder.path, "secret-key"), `${key}\n`);
  expect(developmentSecretKey(folder.path, randomBytes)).toBe(key);
});

it.each([
  ["a directory", (file: string) => mkdir(file)],
  ["a link that leads nowhere", (file: string) => symlink("nosuch", file)],
] as const)("is refused with its path when it is %s", async (what, make) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-secret-"));
  const file = join(folder.path, "secret-key");
  await make(file);
  const attempt = () => developmentSecretKey(folder.path, randomBytes);
  expect(attempt).toThrow(SecretKeyError);
  expect(attempt).toThrow(`${file} cannot be read or made: it is ${what}`);
});

it.skipIf(process.platform === "win32")("is not waited for where it is a pipe or a device", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-secret-"));
  await promisify(execFile)("mkfifo", [join(folder.path, "secret-key")]);
  await mkdir(join(folder.path, "device"));
  await symlink("/dev/zero", join(folder.path, "device", "secret-key"));
  for (const directory of [folder.path, join(folder.path, "device")]) {
    expect(() => developmentSecretKey(directory, randomBytes)).toThrow("is a pipe or a device, and no file");
  }
});

it("is refused when its directory is a file", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-secret-"));
  const file = join(folder.path, "data");
  await writeFile(file, "");
  expect(() => developmentSecretKey(file, randomBytes)).toThrow(SecretKeyError);
});
