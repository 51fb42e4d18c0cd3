import type { Database } from "@obsqra/db";
import { type AnyJob, defineJob, type Sealer } from "@obsqra/platform";
import { z } from "zod";
import { renewSecrets } from "./renew-secrets.service.ts";

/** Lets an earlier SECRET_KEY go a day after it was replaced. */
export const renewSecretsJob: AnyJob<{ readonly db: Database; readonly sealer: Sealer }> = defineJob({
  name: "webhooks.renew_secrets",
  summary: "Seals the secrets of webhooks with the newest key, so that earlier ones may go.",
  schema: z.strictObject({}),
  schedule: "47 * * * *",
  run: async (deps) => ({ renewed: await renewSecrets(deps) }),
});
