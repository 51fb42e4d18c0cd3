import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deliverEmails, queueEmail } from "@obsqra/features";
import { createTestApi } from "@obsqra/features/testing";
import { expect, it } from "vitest";
import { createLogger } from "../logger.ts";
import { createMailer } from "./create-mailer.ts";

const token = "c2VjcmV0LXRva2VuLW9mLTMyLWJ5dGVzLWluLWJhc2U";

async function createFolder() {
  const path = await mkdtemp(join(tmpdir(), "obsqra-outbox-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

it("writes mail without a mail server to files, and logs a link to the page to open", async () => {
  await using api = await createTestApi();
  await using folder = await createFolder();
  const lines: string[] = [];
  const env = { DEBUG: true, ENVIRONMENT: "development" } as const;
  const log = createLogger(env, { write: (line) => void lines.push(line) });
  const mailer = createMailer(
    {
      DATA_DIRECTORY: folder.path,
      SMTP_PORT: 587,
      SMTP_SERVER: undefined,
      SMTP_USER: undefined,
      SMTP_PASSWORD: undefined,
      SMTP_FROM: undefined,
    },
    log,
  );
  await queueEmail(api.deps, null, { template: "password_reset", to: "ada@example.org", token });
  const appUrl = "http://localhost:8000";
  await deliverEmails({ ...api.deps, log, mailer, appUrl }, new AbortController().signal);

  const outbox = join(folder.path, "outbox");
  const files = (await readdir(outbox)).sort();
  expect(files).toEqual([
    expect.stringMatching(/^2026-01-15T12-00-00-set-a-new-password-[0-9a-f-]{36}\.html$/),
    expect.stringMatching(/^2026-01-15T12-00-00-set-a-new-password-[0-9a-f-]{36}\.txt$/),
  ]);
  const [html = "", text = ""] = await Promise.all(files.map((file) => readFile(join(outbox, file), "utf8")));
  const link = `${appUrl}/account/reset-password#token=${token}`;
  expect(html).toContain(`href="${link}"`);
  expect(text).toMatch(/^To: ada@example\.org\nSubject: Set a new password\n\n/);
  expect(text).toContain(`\n${link}\n`);
  for (const file of files) expect((await stat(join(outbox, file))).mode & 0o777).toBe(0o600);
  expect((await stat(outbox)).mode & 0o777).toBe(0o700);

  expect(lines).toHaveLength(1);
  const { mail } = JSON.parse(lines[0] ?? "") as { mail: string };
  expect(fileURLToPath(mail)).toBe(join(outbox, files[0] ?? ""));
  expect(lines[0]).not.toMatch(/token|ada@/);
});
