import { maintainTables } from "@obsqra/db";
import { deliverEmails, deliverWebhooks } from "@obsqra/features";
import { createResolve, type GuardedPost, postGuarded } from "@obsqra/http";
import { lookWhenWritten } from "@obsqra/platform";
import type { BackgroundJob } from "./background.ts";
import { createMailer } from "./email/create-mailer.ts";
import type { Application } from "./open-application.ts";
import { tracePosts } from "./tracing/trace-outgoing.ts";

const secondMs = 1000;
/** What is sent to programs can wait for two seconds. */
const deliveryMs = 2 * secondMs;

/**
 * What a server does every few seconds besides serving requests: too often for the queue of jobs. Several servers on one database
 * may do all of it at once.
 */
export function backgroundJobs({
  env,
  api,
  database,
  tracing,
}: Pick<Application, "env" | "api" | "database"> & Partial<Pick<Application, "tracing">>): BackgroundJob[] {
  const delivery = { ...api, mailer: createMailer(env, api.log), appUrl: env.APP_URL ?? api.publicUrl };
  const { webhookTargets: rules } = api;
  const resolve = createResolve(rules);
  const post = (request: GuardedPost) => postGuarded(request, { rules, resolve });
  const sending = { ...api, post: tracing === undefined ? post : tracePosts(post, tracing) };
  const whenWritten = (look: (signal: AbortSignal) => Promise<boolean>) => lookWhenWritten(look, database);
  // On a server, autovacuum does it.
  const maintenance: BackgroundJob = {
    name: "maintain tables",
    everyMs: 10 * secondMs,
    run: whenWritten(async (signal) => (await maintainTables(api.db, signal)).length > 0),
  };
  return [
    {
      name: "deliver mail",
      everyMs: secondMs,
      run: whenWritten((signal) => deliverEmails(delivery, signal)),
    },
    {
      name: "deliver webhooks",
      everyMs: deliveryMs,
      run: whenWritten((signal) => deliverWebhooks(sending, signal)),
    },
    ...(database.engine === "pglite" ? [maintenance] : []),
  ];
}
