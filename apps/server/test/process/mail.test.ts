import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it, vi } from "vitest";
import { startSmtpServer } from "../mail/start-smtp-server.ts";
import { createTestFolder, signIn, spawnServer } from "./spawn-server.ts";

const subject = "Confirm your address";

// These processes choose their own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("a running server", () => {
  it("writes mail to files while no mail server is configured, says so, and stops in order", async () => {
    await using folder = await createTestFolder("a database");
    const PUBLIC_URL = "https://api.example.org";
    await using server = await spawnServer(folder, { ...(await folder.market("too little")), PUBLIC_URL });
    await server.until(/Press Ctrl-C to stop\./);
    const [, port] = await server.until(/"msg":"Server listening at http:\/\/127\.0\.0\.1:(\d+)"/);
    expect(server.output()).toContain(`Mail is written to files in ${folder.data}/outbox`);
    await signIn(`http://127.0.0.1:${port}`);

    const [, link = ""] = await server.until(/"mail":"(file:[^"]+)"/);
    const html = await readFile(fileURLToPath(link), "utf8");
    expect(html).toContain(`<h1>${subject}</h1>`);
    expect(html).toContain(`href="${PUBLIC_URL}/account/verify-email#token=`);
    const [, token = "no token"] = /#token=([^"]+)/.exec(html) ?? [];
    expect(await readdir(`${folder.data}/outbox`)).toHaveLength(2);
    server.kill("SIGTERM");
    expect(await server.exited()).toBe(0);
    expect(server.output()).not.toContain(token);
  });

  it("sends mail through the configured server, in production, with links into the frontend", async () => {
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
    await signIn(await server.listening());
    await vi.waitUntil(() => smtp.received.length > 0, { timeout: 120_000 });
    const [received] = smtp.received;
    expect([received?.mail.subject, received?.envelopeTo]).toEqual([subject, ["ada@example.org"]]);
    expect(received?.mail.text).toContain("https://app.example.org/account/verify-email#token=");
    server.kill("SIGTERM");
    expect(await server.exited()).toBe(0);
    for (const secret of ["swordfish", "#token", "ada@example.org"]) {
      expect(server.output()).not.toContain(secret);
    }
  });
});
