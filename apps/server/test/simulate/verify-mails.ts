import { deliverEmails } from "@obsqra/features";
import { writeAllAlerts } from "@obsqra/features/testing";
import { createDependencies } from "../../src/create-dependencies.ts";
import { createMailer } from "../../src/email/create-mailer.ts";
import { readEnvironment } from "../../src/env.ts";
import type { FailingMailServer } from "./mails.ts";

/** How mail was sent: counts, and what is wrong has to be none. */
export interface MailVerdict {
  /** Alerts that were told. */
  readonly alerts: number;
  /** Suggestions, failures and disabled webhooks that somebody was to be told of and was not, or twice. */
  readonly alerts_wrong: number;
  /** Mails, by their ids. */
  readonly mails: number;
  /** Those that came again under the same id, because a reply was lost or a process was killed. */
  readonly mails_repeated: number;
  /** How often the mail server has failed. */
  readonly mails_failed: number;
  /** Mails that did not come, that nobody has written, that went to somebody else, or a second mail of a day. */
  readonly mails_wrong: number;
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const hourMs = 60 * 60 * 1_000;

/**
 * Sends what a service has left waiting that has stopped, as its next start would, and compares what the mail server has taken with what
 * there was to tell.
 *
 * @param options.first the ids of the mails that waited before the service began
 * @param options.at the last moment of the service
 */
export async function verifyMails(
  variables: Readonly<Record<string, string>>,
  server: FailingMailServer,
  { first, at }: { readonly first: readonly string[]; readonly at: Date },
): Promise<MailVerdict> {
  const env = readEnvironment(variables);
  let now = at;
  const dependencies = await createDependencies({ env, log: silent, clock: () => now, fetch });
  const { api } = dependencies;
  const { db } = api;
  try {
    await writeAllAlerts({ deps: api });
    const delivery = { ...api, mailer: createMailer(env, silent), appUrl: api.publicUrl };
    // A mail that was just refused, or whose sender was killed, waits for an hour at most.
    for (let hours = 0; hours < 3; hours += 1) {
      await deliverEmails(delivery, new AbortController().signal);
      now = new Date(now.getTime() + hourMs);
    }
    const left = await db.selectFrom("email_outbox").select("id").execute();
    const alerts = await db
      .selectFrom("alerts")
      .innerJoin("users", "users.id", "alerts.owner_id")
      .select(["alerts.owner_id", "alerts.fact", "alerts.mail_id", "alerts.waits", "users.email"])
      .execute();
    const events = await db
      .selectFrom("events")
      .select(["id", "type", "subject", "owner_id", "payload"])
      .execute();

    const expected = new Map(
      alerts.flatMap(({ mail_id, email }) => (mail_id === null ? [] : [[mail_id, email]])),
    );
    const taken = server.received.map(({ mail, envelopeTo, source }) => ({
      id: /^<([^@]+)@/.exec(mail.messageId ?? "")?.[1] ?? "none",
      to: envelopeTo.join(),
      subject: mail.subject ?? "",
      isAlert: /^List-Unsubscribe:/m.test(source),
      day: mail.date?.toISOString().slice(0, 10),
    }));
    const byId = Map.groupBy(taken, ({ id }) => id);
    const missing = [...expected.keys(), ...first].filter((id) => !byId.has(id));
    const foreign = [...byId].filter(([id, copies]) =>
      copies.some(({ isAlert, to }) => (isAlert ? expected.get(id) !== to : expected.has(id))),
    );
    const digests = [...byId.values()].flatMap(([mail]) =>
      mail?.subject === "What happened since the last digest" ? [`${mail.to} ${mail.day}`] : [],
    );
    const told = new Map(alerts.map(({ owner_id, fact }) => [`${owner_id} ${fact}`, true]));
    const toBeTold = events.flatMap(({ id, type, subject, owner_id, payload }) => {
      const { unasked, outcome, status } = Object(payload) as Record<string, unknown>;
      if (type === "suggestion.made" && unasked === true && outcome === "rebalance")
        return [`${owner_id} suggestion ${subject}`];
      if (type === "transaction.status_changed" && (status === "failed" || status === "not_found"))
        return [`${owner_id} transaction ${subject} ${status}`];
      return type === "webhook.disabled" ? [`${owner_id} webhook ${id}`] : [];
    });
    return {
      alerts: alerts.length,
      alerts_wrong: toBeTold.filter((fact) => !told.has(fact)).length + (alerts.length - told.size),
      mails: byId.size,
      mails_repeated: taken.length - byId.size,
      mails_failed: server.failures(),
      mails_wrong: missing.length + foreign.length + left.length + (digests.length - new Set(digests).size),
    };
  } finally {
    await dependencies.close();
  }
}
