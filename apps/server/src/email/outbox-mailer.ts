import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Mailer } from "@obsqra/features";
import type { Logger } from "@obsqra/platform";

/**
 * Stands for a mail server while developing: writes each mail as a page to open in the browser, and as text beside it.
 * The log has a link to the page. The links in it are as good as passwords, so only the owner may read the files.
 */
export function createOutboxMailer({
  directory,
  log,
}: {
  readonly directory: string;
  readonly log: Logger;
}): Mailer {
  return {
    send: async ({ id, created_at, to, subject, text, html }) => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const time = created_at.toISOString().slice(0, 19).replaceAll(":", "-");
      const path = join(resolve(directory), `${time}-${toFileName(subject)}-${id}`);
      const options = { mode: 0o600 };
      await writeFile(`${path}.txt`, `To: ${to}\nSubject: ${subject}\n\n${text}`, options);
      await writeFile(`${path}.html`, html, options);
      log.info({ mail: pathToFileURL(`${path}.html`).href }, "Mail was written to a file to open");
    },
  };
}

function toFileName(subject: string): string {
  return subject.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
