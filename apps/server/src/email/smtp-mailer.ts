import { isIP } from "node:net";
import { type Mailer, MailerError } from "@obsqra/features";
import ipaddr from "ipaddr.js";
import { createTransport } from "nodemailer";

/** How to reach the mail server. */
export interface SmtpSettings {
  readonly host: string;
  /** 465 speaks TLS from the first byte (RFC 8314); any other port changes to it by STARTTLS. */
  readonly port: number;
  /** Undefined where the server asks for no password. */
  readonly credentials?: { readonly user: string; readonly password: string } | undefined;
  /** Sender, such as `Obsqra <no-reply@example.org>`. */
  readonly from: string;
}

/** A mail is sent within this time or not at all; the outbox gives nobody else the mail before a minute is over. */
const sendTimeoutMs = 50_000;

/**
 * Sends mail through a mail server, a connection for each.
 *
 * @param options.stopGraceMs how long a mail in flight may take once the process is asked to stop
 */
export function createSmtpMailer(settings: SmtpSettings, { stopGraceMs = 5_000 } = {}): Mailer {
  const transport = createTransport(smtpOptions(settings));
  const [, senderDomain = "localhost"] = /@([^>]+)>?$/.exec(settings.from) ?? [];
  return {
    send: async ({ id, created_at, to, subject, text, html, unsubscribeUrl }, signal) => {
      using deadline = createDeadline(signal, stopGraceMs);
      try {
        await transport.sendMail({
          from: settings.from,
          // As an object it is one address, never a list to be parsed.
          to: { name: "", address: to },
          subject,
          text,
          html,
          date: created_at,
          messageId: `<${id}@${senderDomain}>`,
          // RFC 3834: keeps out-of-office notices and the like from being sent back.
          headers: { "Auto-Submitted": "auto-generated", ...listHeaders(unsubscribeUrl) },
          xMailer: false,
          signal: deadline.signal,
        });
      } catch (error) {
        throw toMailerError(error);
      }
    },
  };
}

/** RFC 8058: the mail program ends such mails by one POST to the address, without opening a page. */
function listHeaders(unsubscribeUrl: string | undefined): Record<string, PreparedHeader> {
  if (unsubscribeUrl === undefined) return {};
  return {
    // As it is: folded or encoded, an address is none any more.
    "List-Unsubscribe": { prepared: true, value: `<${unsubscribeUrl}>` },
    "List-Unsubscribe-Post": { prepared: true, value: "List-Unsubscribe=One-Click" },
  };
}

interface PreparedHeader {
  readonly prepared: true;
  readonly value: string;
}

/** What nodemailer is told. */
export function smtpOptions({ host, port, credentials, from }: SmtpSettings) {
  return {
    host,
    port,
    from,
    secure: port === 465,
    // Without it, whoever is in between could strip STARTTLS and read along.
    requireTLS: !isLoopback(host),
    // Nobody is in between on loopback, and no authority certifies its names.
    tls: { rejectUnauthorized: !isLoopback(host), minVersion: "TLSv1.2" as const },
    ...(credentials && { auth: { user: credentials.user, pass: credentials.password }, forceAuth: true }),
    connectionTimeout: 10_000,
    greetingTimeout: 20_000,
    socketTimeout: 40_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return /(^|\.)localhost$/i.test(host);
  return ipaddr.process(host).range() === "loopback";
}

/** Aborts when a mail takes too long, and soon after the process was asked to stop. */
function createDeadline(
  stop: AbortSignal,
  stopGraceMs: number,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timers = [setTimeout(abort, sendTimeoutMs)];
  const onStop = () => void timers.push(setTimeout(abort, stopGraceMs));
  if (stop.aborted) onStop();
  stop.addEventListener("abort", onStop, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      stop.removeEventListener("abort", onStop);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/**
 * Bad destination mailbox, system or syntax, mailbox moved, domain that takes no mail: RFC 3463, 3.2, and RFC 7505. Other
 * refusals may be the fault of this server's settings, and are tried again.
 */
const recipientUnknown = /^5\d\d[ -]5\.1\.(1|2|3|6|10)\b/;

/** Codes only: the replies of mail servers quote the recipient. */
function toMailerError(error: unknown): MailerError {
  const { code, command, responseCode, response } = readSmtpError(error);
  const facts = [code, command, responseCode].filter((fact) => fact !== undefined).join(", ");
  return new MailerError(`The mail server did not take it (${facts}).`, {
    recipientUnknown: command === "RCPT TO" && recipientUnknown.test(response ?? ""),
  });
}

interface SmtpErrorFacts {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

function readSmtpError(error: unknown): SmtpErrorFacts {
  // Nodemailer's errors carry these properties; errors from elsewhere may carry none.
  return error instanceof Error && "code" in error ? (error as SmtpErrorFacts) : { code: "unknown error" };
}
