import { startPostgres } from "@obsqra/db/testing";
import { describe, expect, inject, it, vi } from "vitest";
import { startSmtpServer } from "../mail/start-smtp-server.ts";
import { findLeaks } from "../wire/find-leaks.ts";
import { createTestFolder, signIn, spawnServer, startInVain } from "./spawn-server.ts";
import { startHere } from "./start-here.ts";

const databasePassword = "planted-7Fq/database+password";
const rpcKey = "planted-rpc-key-5d41402abc4b2a76";
const settings = {
  ENVIRONMENT: "production",
  DEBUG: "true",
  PUBLIC_URL: "https://api.example.org",
  SECRET_KEY: "planted-4f1c9d27a8b3e650f7d2c41b9e8a7365",
  PREVIOUS_SECRET_KEYS: "planted-a0b1c2d3e4f5061728394a5b6c7d8e9f",
  SMTP_SERVER: "127.0.0.1",
  SMTP_USER: "obsqra",
  SMTP_PASSWORD: "planted-smtp-password-9c2a",
  SMTP_FROM: "no-reply@example.org",
  LOG_ANCHOR_CONTRACT: "0xa11c402",
  LOG_ANCHOR_ACCOUNT: "0xa11c403",
  LOG_ANCHOR_KEY: "0x5ec7e7a1b2c3d4e5f60718293a4b5c6d7e8f90112233445566778899001122",
  STARKNET_RPC_URL: `http://127.0.0.1:1/rpc/${rpcKey}?key=${rpcKey}`,
};

const secrets = new Map([
  ["SECRET_KEY", settings.SECRET_KEY],
  ["PREVIOUS_SECRET_KEYS", settings.PREVIOUS_SECRET_KEYS],
  ["LOG_ANCHOR_KEY", settings.LOG_ANCHOR_KEY],
  ["SMTP_PASSWORD", settings.SMTP_PASSWORD],
  ["the password in DATABASE_URL", databasePassword],
  ["the key in STARKNET_RPC_URL", rpcKey],
]);

// These processes choose their own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("the secrets of the configuration", () => {
  it("are written nowhere, while mail server, node and database refuse or are away", async () => {
    await using folder = await createTestFolder();
    await using postgres = await startPostgres(databasePassword);
    await using smtp = await startSmtpServer({ credentials: { user: "obsqra", password: "another" } });
    await using server = await spawnServer(folder, {
      ...settings,
      ...(await folder.market("too little")),
      SMTP_PORT: String(smtp.port),
      DATABASE_URL: postgres.url("postgres"),
    });
    await server.until(/Press Ctrl-C to stop\./);
    const [, port] = await server.until(/"msg":"Server listening at http:\/\/127\.0\.0\.1:(\d+)"/);
    const get = await signIn(`http://127.0.0.1:${port}`);
    // The mail of the registration was offered with the wrong password.
    await vi.waitUntil(() => smtp.signIns() > 0, { timeout: 120_000 });
    await postgres.stop();
    expect((await get("/auth/me")).status).toBe(503);
    await server.until(/"level":50/);
    expect(findLeaks(server.output(), secrets)).toEqual([]);
  });

  it("are not written when the start fails", async () => {
    await using folder = await createTestFolder();
    const away = `postgresql://ada:${encodeURIComponent(databasePassword)}@127.0.0.1:1/obsqra`;
    const started = await startInVain(folder, { ...settings, DATABASE_URL: away });
    expect(started.code).toBe(1);
    expect(findLeaks(started.output, secrets)).toEqual([]);
    // These are refused before there is a log.
    const broken: Record<string, string>[] = [
      { DATABASE_URL: `mysql://ada:${encodeURIComponent(databasePassword)}@127.0.0.1:1/obsqra` },
      { STARKNET_RPC_URL: `ftp://127.0.0.1/${rpcKey}` },
      { PREVIOUS_SECRET_KEYS: `${settings.PREVIOUS_SECRET_KEYS}, weak` },
      { SMTP_USER: "" },
    ];
    for (const variables of broken) {
      const { code, output } = await startHere(folder, { ...settings, ...variables });
      expect([variables, code]).toEqual([variables, 1]);
      expect(findLeaks(output, secrets)).toEqual([]);
    }
  });
});
