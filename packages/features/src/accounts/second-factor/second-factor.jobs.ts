import type { Database } from "@obsqra/db";
import { type AnyJob, defineJob, type Sealer } from "@obsqra/platform";
import { z } from "zod";
import { renewTotpSecrets } from "./renew-totp-secrets.service.ts";

/** Lets an earlier SECRET_KEY go a day after it was replaced. */
export const renewTotpSecretsJob: AnyJob<{ readonly db: Database; readonly sealer: Sealer }> = defineJob({
  name: "accounts.renew_totp_secrets",
  summary: "Seals the secrets of second factors with the newest key, so that earlier ones may go.",
  schema: z.strictObject({}),
  schedule: "49 * * * *",
  run: async (deps) => ({ renewed: await renewTotpSecrets(deps) }),
});
