import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EnvFileError, readEnvFile } from "./env-file.ts";

/** The variables of a file with these bytes. */
async function readBytes(bytes: Uint8Array) {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-env-"));
  const path = join(folder.path, ".env");
  await writeFile(path, bytes);
  return readEnvFile(path);
}

const bigEndian = (text: string) => Buffer.from(text, "utf16le").swap16();
const encodings: readonly [string, (text: string) => Uint8Array][] = [
  ["UTF-8", (text) => Buffer.from(text)],
  ["UTF-8 with a mark", (text) => Buffer.from(`\ufeff${text}`)],
  ["UTF-16, little end first", (text) => Buffer.from(`\ufeff${text}`, "utf16le")],
  ["UTF-16, big end first", (text) => bigEndian(`\ufeff${text}`)],
];

it.each(encodings)("reads every variable of a file in %s, whatever its lines end with", async (_, encode) => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const lines = [
      "API_PORT=9000",
      "# what follows is for mail",
      'SMTP_FROM="Obsqra é <a@example.org>"',
      "EMPTY=",
      "",
    ];
    expect(await readBytes(encode(lines.join(end)))).toEqual({
      API_PORT: "9000",
      SMTP_FROM: "Obsqra é <a@example.org>",
      EMPTY: "",
    });
  }
});

it.each([
  ["another encoding", Buffer.from("NAME=Ren\xe9", "latin1")],
  ["UTF-16 without a mark", Buffer.from("API_PORT=9000", "utf16le")],
  ["an odd number of bytes of UTF-16", Buffer.from([0xff, 0xfe, 0x41])],
])("refuses %s instead of taking no variable from it", async (_, bytes) => {
  await expect(readBytes(bytes)).rejects.toThrow(EnvFileError);
  await expect(readBytes(bytes)).rejects.toThrow("as UTF-8");
});

it("takes nothing from a file that is not there, and names a directory in its place", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-env-"));
  expect(readEnvFile(join(folder.path, ".env"))).toEqual({});
  await mkdir(join(folder.path, ".env"));
  expect(() => readEnvFile(join(folder.path, ".env"))).toThrow("it is a directory");
});
