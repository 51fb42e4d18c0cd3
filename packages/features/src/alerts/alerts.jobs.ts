import { type AnyJob, defineJob } from "@obsqra/platform";
import { z } from "zod";
import { writeDigests } from "./digests.service.ts";
import { type AlertDependencies, writeAlerts } from "./write-alerts.service.ts";

/** Mails what has happened to those whom it concerns. */
export const writeAlertsJob: AnyJob<AlertDependencies> = defineJob({
  name: "alerts.write",
  summary: "Mails what has happened to those whom it concerns, as their preferences say.",
  schema: z.strictObject({}),
  schedule: "* * * * *",
  run: async (deps, { signal }) => writeAlerts(deps, signal),
});

/** Mails what was gathered to those who want one mail a day. */
export const writeDigestsJob: AnyJob<AlertDependencies> = defineJob({
  name: "alerts.digest",
  summary: "Mails the alerts of a day to those who want one mail a day.",
  schema: z.strictObject({}),
  schedule: "0 7 * * *",
  run: async (deps, { signal }) => ({ mails: await writeDigests(deps, signal) }),
});
