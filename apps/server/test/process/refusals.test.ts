import { once } from "node:events";
import { existsSync } from "node:fs";
import { symlink, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { expectPlainMessage } from "./expect-plain-message.ts";
import { createTestFolder, startInVain } from "./spawn-server.ts";
import { startHere } from "./start-here.ts";

/** Listens on a free port and never says anything. */
async function startSilentServer() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => void server.close() };
}

// At the same time, because one of them waits.
describe.runIf(inject("databaseEngine") === "pglite")(
  "a server that cannot start",
  { concurrent: true },
  () => {
    it("says that the database cannot be reached, without the password in its URL", async () => {
      await using folder = await createTestFolder();
      const urls = [
        "postgresql://ada:hunter2@127.0.0.1:1/obsqra",
        "postgresql://ada:hunter2@nosuch.invalid/obsqra",
        "postgresql://ada:hunter2%ZZ@127.0.0.1:1/obsqra",
      ];
      for (const DATABASE_URL of urls) {
        const { code, output } = await startHere(folder, { DATABASE_URL });
        expect(code).toBe(1);
        expect(output).toContain("The database at DATABASE_URL cannot be reached.");
        expect(output).not.toContain("hunter2");
        expectPlainMessage(output);
      }
    });

    // In a process of its own: the connection that it gives up must not hold it up.
    it("does not wait for a database that accepts connections and says nothing", async () => {
      await using folder = await createTestFolder();
      using silent = await startSilentServer();
      const DATABASE_URL = `postgresql://ada:hunter2@127.0.0.1:${silent.port}/obsqra`;
      const { code, output } = await startInVain(folder, { DATABASE_URL });
      expect(code).toBe(1);
      expect(output).toContain("The database at DATABASE_URL cannot be reached.");
      expectPlainMessage(output);
    });

    it("says that the port is in use, before it loads anything", async () => {
      await using folder = await createTestFolder();
      using other = await startSilentServer();
      expect(await startHere(folder, { API_PORT: String(other.port) })).toEqual({
        code: 1,
        output: `Port ${other.port} is in use. Stop what uses it, or set API_PORT to another port.\n`,
      });
    });

    it("says that the host is not one it can listen on", async () => {
      await using folder = await createTestFolder();
      const { code, output } = await startHere(folder, { API_HOST: "nosuch.invalid", API_PORT: "8000" });
      expect(code).toBe(1);
      expect(output).toContain("Check API_HOST and API_PORT.");
      expectPlainMessage(output);
    });

    it.each(["", "change-me-before-you-go-to-production"])(
      "asks for a strong secret in production in place of %j",
      async (SECRET_KEY) => {
        await using folder = await createTestFolder();
        const { code, output } = await startHere(folder, { ENVIRONMENT: "production", SECRET_KEY });
        expect(code).toBe(1);
        expect(output).toContain("SECRET_KEY: production needs a secret of at least 32 random characters");
        expectPlainMessage(output);
      },
    );

    it("says that the market file is not one that it can read, before it makes a database", async () => {
      await using folder = await createTestFolder();
      const loop = join(folder.path, "loop.csv");
      await symlink("loop.csv", loop);
      for (const MARKET_FILE of [join(folder.path, "nosuch.csv"), loop, folder.path]) {
        const { code, output } = await startHere(folder, { MARKET_SOURCE: "file", MARKET_FILE });
        expect([MARKET_FILE, code]).toEqual([MARKET_FILE, 1]);
        expect(output).toContain(MARKET_FILE);
        expectPlainMessage(output);
        expect(existsSync(folder.data)).toBe(false);
      }
    });

    it("says that the market file has no header, or no row, that it can read", async () => {
      await using folder = await createTestFolder("a database");
      const file = join(folder.path, "broken.csv");
      const header = "pool,project,chain,symbol,timestamp,tvlUsd,apy,apyBase,apyReward";
      for (const [content, said] of [
        ["name;value\na;1\n", /file/i],
        [
          `${header}\na,b,Starknet,ETH,yesterday,1,2,3,4\n`,
          /rejected line 2: [\s\S]*its only row was refused/,
        ],
      ] as const) {
        await writeFile(file, content);
        const { code, output } = await startHere(folder, { MARKET_SOURCE: "file", MARKET_FILE: file });
        expect(code).toBe(1);
        expect(output).toMatch(said);
        expectPlainMessage(output);
      }
    });

    it("says that the source cannot be reached, where none of its history is stored", async () => {
      await using folder = await createTestFolder("a database");
      const { code, output } = await startHere(folder, {
        MARKET_SOURCE: "defillama",
        DEFILLAMA_URL: "http://127.0.0.1:1",
      });
      expect(code).toBe(1);
      expect(output).toContain("DefiLlama");
      expectPlainMessage(output);
    });

    it("says that the data directory is a file", async () => {
      await using folder = await createTestFolder();
      const DATA_DIRECTORY = join(folder.path, "a-file");
      await writeFile(DATA_DIRECTORY, "");
      const { code, output } = await startHere(folder, { DATA_DIRECTORY });
      expect(code).toBe(1);
      expect(output).toContain("DATA_DIRECTORY");
      expectPlainMessage(output);
    });
  },
);
