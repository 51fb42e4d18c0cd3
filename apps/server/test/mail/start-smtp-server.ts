import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

/** What a mail server got. */
export interface ReceivedMail {
  readonly mail: ParsedMail;
  /** As it came, before it was parsed. */
  readonly source: string;
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  /** Whether it came over TLS. */
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
}

/** A real mail server on a free port; it ends with `await using`. */
export interface TestSmtpServer extends AsyncDisposable {
  readonly port: number;
  readonly received: ReceivedMail[];
  /** How many gave a user and a password, right or wrong. */
  readonly signIns: () => number;
}

export interface TestSmtpServerOptions {
  /** @default all interfaces of this machine */
  readonly host?: string;
  readonly port?: number;
  /** Asks for these. @default takes mail from anybody */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** @default true */
  readonly offersStartTls?: boolean;
  /** The reply to a recipient, such as `550 5.1.1 <ada@example.org> is unknown`. @default takes all */
  readonly refuse?: (recipient: string) => string | undefined;
  /**
   * What becomes of a mail that came whole: `refused` for now, or taken although the sender is told that it is not, as when the reply
   * is lost. @default taken
   */
  readonly judge?: (received: ReceivedMail) => MailFate;
}

/** What a mail server makes of a mail. */
type MailFate = "taken" | "refused" | "taken in silence";

/** Its certificate is signed by nobody. */
export async function startSmtpServer(options: TestSmtpServerOptions = {}): Promise<TestSmtpServer> {
  const { host = "127.0.0.1", port = 0, credentials, offersStartTls = true, refuse, judge } = options;
  const received: ReceivedMail[] = [];
  let signIns = 0;
  const server = new SMTPServer({
    logger: false,
    authOptional: credentials === undefined,
    allowInsecureAuth: true,
    hideSTARTTLS: !offersStartTls,
    disabledCommands: offersStartTls ? [] : ["STARTTLS"],
    onAuth: ({ username, password }, _session, callback) => {
      signIns += 1;
      const isRight = username === credentials?.user && password === credentials?.password;
      callback(
        isRight ? null : new Error("Wrong user or password"),
        isRight ? { user: username } : undefined,
      );
    },
    onRcptTo: ({ address }, _session, callback) => {
      const response = refuse?.(address);
      if (response === undefined) return callback();
      const [code = "", ...text] = response.split(" ");
      callback(Object.assign(new Error(text.join(" ")), { responseCode: Number(code) }));
    },
    onData: (stream, session, callback) => {
      const { mailFrom, rcptTo } = session.envelope;
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const source = Buffer.concat(chunks);
        const arrived: ReceivedMail = {
          mail: await simpleParser(source),
          source: source.toString(),
          envelopeFrom: mailFrom === false ? "" : mailFrom.address,
          envelopeTo: rcptTo.map(({ address }) => address),
          isEncrypted: session.secure,
          user: session.user as string | undefined,
        };
        const fate = judge?.(arrived) ?? "taken";
        if (fate !== "refused") received.push(arrived);
        if (fate === "taken") return callback();
        callback(Object.assign(new Error("4.3.0 Try again later"), { responseCode: 451 }));
      });
    },
  });
  // A client that goes away is what some tests are about.
  server.on("error", () => {});
  const listening = server.listen(port, host);
  await once(listening, "listening");
  return {
    port: (listening.address() as AddressInfo).port,
    received,
    signIns: () => signIns,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
