import { setTimeout as wait } from "node:timers/promises";
import { openDatabase } from "@obsqra/db";
import { databaseLocation } from "../../src/create-dependencies.ts";
import { readEnvironment } from "../../src/env.ts";
import { type ReceivedMail, startSmtpServer } from "../mail/start-smtp-server.ts";

/** A mail server that fails on some days: it refuses each new mail once, or takes it and says that it does not. */
export interface FailingMailServer extends AsyncDisposable {
  /** How processes reach it. */
  readonly settings: Readonly<Record<string, string>>;
  /** All that it has taken, also more than once. */
  readonly received: readonly ReceivedMail[];
  /** How often it has failed. */
  readonly failures: () => number;
  /** How many mails were handed to it that have a link for a new password. */
  readonly links: () => number;
  /** Waits for one more of them: by then, every mail that was due before it has been tried. */
  untilLinkSince(links: number): Promise<void>;
  /** From now on it is this time. */
  pass(day: number, at: Date): void;
}

/** Every so many days it refuses, and on the day after it loses replies. */
const rhythmDays = 4;
/** A mail that is older than this is not failed: it would wait for longer than the service has patience. */
const freshMs = 60 * 60 * 1_000;
/** A process that delivers mail may be starting on a busy machine. */
const linkTimeoutMs = 120_000;
const linkSubject = "Set a new password";

export async function startFailingMailServer(): Promise<FailingMailServer> {
  const failed = new Set<string>();
  let today = 0;
  let now = new Date(0);
  const links = new Set<string>();
  const smtp = await startSmtpServer({
    judge: ({ mail: { messageId = "", date = now, subject } }) => {
      if (subject === linkSubject) links.add(messageId);
      const isFresh = now.getTime() - date.getTime() < freshMs;
      const phase = today % rhythmDays;
      if (phase > 1 || !isFresh || failed.has(messageId)) return "taken";
      failed.add(messageId);
      return phase === 0 ? "taken in silence" : "refused";
    },
  });
  return {
    settings: {
      SMTP_SERVER: "127.0.0.1",
      SMTP_PORT: String(smtp.port),
      SMTP_FROM: "Obsqra <no-reply@example.org>",
    },
    received: smtp.received,
    failures: () => failed.size,
    links: () => links.size,
    untilLinkSince: async (before) => {
      const deadline = performance.now() + linkTimeoutMs;
      while (links.size <= before) {
        if (performance.now() > deadline) throw new Error("A mail with a link was not sent.");
        await wait(50);
      }
    },
    pass: (day, at) => {
      [today, now] = [day, at];
    },
    [Symbol.asyncDispose]: () => smtp[Symbol.asyncDispose](),
  };
}

/**
 * Confirms the addresses of everybody, before any server is started, and has them choose: every second one the mail of the day, and
 * thresholds on both sides of what risks are.
 *
 * @returns the ids of the mails that wait already
 */
export async function chooseAlerts(variables: Readonly<Record<string, string>>, at: Date): Promise<string[]> {
  const database = await openDatabase(databaseLocation(readEnvironment(variables)));
  const { db } = database;
  try {
    const users = await db.selectFrom("users").select(["id", "preferences"]).orderBy("id").execute();
    for (const [index, { id, preferences }] of users.entries()) {
      const chosen = {
        ...Object(preferences),
        email_digest_enabled: index % 2 === 0,
        risk_alert_threshold: 15 + 10 * index,
        preferred_protocols: [],
      };
      await db
        .updateTable("users")
        .set({ email_verified_at: at, preferences: JSON.stringify(chosen) })
        .where("id", "=", id)
        .execute();
    }
    return (await db.selectFrom("email_outbox").select("id").execute()).map(({ id }) => id);
  } finally {
    await database.close();
  }
}
