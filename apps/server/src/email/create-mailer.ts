import { join } from "node:path";
import type { Mailer } from "@obsqra/features";
import type { Logger } from "@obsqra/platform";
import type { Environment } from "../env.ts";
import { createOutboxMailer } from "./outbox-mailer.ts";
import { createSmtpMailer } from "./smtp-mailer.ts";

type MailSettings = Pick<
  Environment,
  "SMTP_SERVER" | "SMTP_PORT" | "SMTP_USER" | "SMTP_PASSWORD" | "SMTP_FROM" | "DATA_DIRECTORY"
>;

/** Makes the mailer: the configured mail server, or without one the development outbox. Does not connect yet. */
export function createMailer(env: MailSettings, log: Logger): Mailer {
  const { SMTP_SERVER: host, SMTP_FROM: from, SMTP_USER: user, SMTP_PASSWORD: password } = env;
  if (host === undefined || from === undefined) {
    return createOutboxMailer({ directory: outboxDirectory(env), log });
  }
  const credentials = user === undefined || password === undefined ? undefined : { user, password };
  return createSmtpMailer({ host, port: env.SMTP_PORT, from, credentials });
}

/** Where mail is written, for whoever starts what delivers it; undefined where it is sent. */
export function describeOutbox(env: Pick<Environment, "SMTP_SERVER" | "DATA_DIRECTORY">): string | undefined {
  if (env.SMTP_SERVER !== undefined) return undefined;
  return `Mail is written to files in ${outboxDirectory(env)}: set SMTP_SERVER to send it.`;
}

function outboxDirectory({ DATA_DIRECTORY }: Pick<Environment, "DATA_DIRECTORY">): string {
  return join(DATA_DIRECTORY, "outbox");
}
