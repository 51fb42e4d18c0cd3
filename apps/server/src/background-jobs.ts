import { maintainTables } from "@obsqra/db";
import { cleanUp, deliverEmails, recheckCounterfactualWallets } from "@obsqra/features";
import type { BackgroundJob } from "./background.ts";
import { createMailer } from "./email/create-mailer.ts";
import type { Application } from "./open-application.ts";

const secondMs = 1000;
const hourMs = 60 * 60 * secondMs;

/** What a server does besides serving requests. Several servers on one database may do all of it at once. */
export function backgroundJobs({
  env,
  api,
  database,
}: Pick<Application, "env" | "api" | "database">): BackgroundJob[] {
  const delivery = { ...api, mailer: createMailer(env, api.log), appUrl: env.APP_URL ?? api.publicUrl };
  // On a server, autovacuum does it.
  const maintenance: BackgroundJob = {
    name: "maintain tables",
    everyMs: 10 * secondMs,
    run: (signal) => maintainTables(api.db, signal),
  };
  return [
    { name: "deliver mail", everyMs: secondMs, run: (signal) => deliverEmails(delivery, signal) },
    { name: "clean up", everyMs: hourMs, run: (signal) => cleanUp(api, signal) },
    {
      name: "check wallets again",
      everyMs: hourMs,
      run: (signal) => recheckCounterfactualWallets(api, signal),
    },
    ...(database.engine === "pglite" ? [maintenance] : []),
  ];
}
