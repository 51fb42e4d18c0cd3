import type { Email } from "../mail/email.ts";
import type { TestApi } from "./create-test-api.ts";

/** The mails that wait to be sent, oldest first, opened as the delivery would. */
export async function readMails({ deps }: Pick<TestApi, "deps">): Promise<Email[]> {
  const rows = await deps.db.selectFrom("email_outbox").select("sealed").orderBy("id").execute();
  // Sealed by this service, so it is what it wrote.
  return rows.map(({ sealed }) => JSON.parse(deps.sealer.open(sealed)) as Email);
}

/** The token in the newest mail of a kind, to whomever it went. */
export async function readNewestToken(
  api: Pick<TestApi, "deps">,
  template: Email["template"],
): Promise<string> {
  const mail = (await readMails(api)).findLast((candidate) => candidate.template === template);
  if (mail === undefined || !("token" in mail)) throw new Error(`No mail ${template} with a link.`);
  return mail.token;
}
