import { describe, expect, inject, it, vi } from "vitest";
import { startSmtpServer } from "../mail/start-smtp-server.ts";
import { beginRequest } from "./begin-request.ts";
import { createTestFolder, signIn, spawnServer } from "./spawn-server.ts";

// It chooses its own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("a server in production", () => {
  it("sends mail through the configured server, with links into the frontend, and finishes the request in flight after SIGINT", async () => {
    await using folder = await createTestFolder("a database");
    await using smtp = await startSmtpServer({ credentials: { user: "obsqra", password: "swordfish" } });
    await using server = await spawnServer(folder, {
      ...(await folder.market("too little")),
      ENVIRONMENT: "production",
      SECRET_KEY: "4f1c9d27a8b3e650f7d2c41b9e8a7365",
      APP_URL: "https://app.example.org",
      SMTP_SERVER: "localhost",
      SMTP_PORT: String(smtp.port),
      SMTP_USER: "obsqra",
      SMTP_PASSWORD: "swordfish",
      SMTP_FROM: "Obsqra <no-reply@example.org>",
    });
    const url = await server.listening();
    await signIn(url);
    await vi.waitUntil(() => smtp.received.length > 0, { timeout: 120_000 });
    const [received] = smtp.received;
    expect([received?.mail.subject, received?.envelopeTo]).toEqual([
      "Confirm your address",
      ["ada@example.org"],
    ]);
    expect(received?.mail.text).toContain("https://app.example.org/account/verify-email#token=");

    const inFlight = await beginRequest(url);
    server.kill("SIGINT");
    await server.until(/Stopping: finishing the requests in flight\./);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect(await inFlight.finish()).toBe(201);
    expect(await server.exited()).toBe(0);
    for (const secret of ["swordfish", "#token", "ada@example.org"]) {
      expect(server.output()).not.toContain(secret);
    }
  });
});
