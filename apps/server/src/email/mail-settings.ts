import { isIP } from "node:net";

/** As the environment gives them. */
interface MailSettings {
  readonly ENVIRONMENT: string;
  readonly PUBLIC_URL?: string | undefined;
  readonly APP_URL?: string | undefined;
  readonly SMTP_SERVER?: string | undefined;
  readonly SMTP_USER?: string | undefined;
  readonly SMTP_PASSWORD?: string | undefined;
  readonly SMTP_FROM?: string | undefined;
}

/** Whether a text is the name or the address of a machine, without a port. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text);
}

/** An address, or a name in front of one; nothing that could become a second address or header. */
export const senderPattern =
  /^([^\p{C}"<>(),:;@\\[\]]+ <[^\s\p{C}"<>(),:;@]+@[a-z0-9.-]+>|[^\s\p{C}"<>(),:;@]+@[a-z0-9.-]+)$/iu;
export const senderAdvice = "use an address such as no-reply@example.org, or Obsqra <no-reply@example.org>";

/** The settings of mail that do not go together or are missing, each with what to do. */
export function wrongMailSettings(values: MailSettings): [name: string, message: string][] {
  const wrong: [string, string][] = [];
  const { SMTP_SERVER, SMTP_USER, SMTP_PASSWORD, SMTP_FROM } = values;
  if (values.ENVIRONMENT === "production") {
    if (SMTP_SERVER === undefined) {
      wrong.push([
        "SMTP_SERVER",
        "production needs a mail server, such as smtp.example.org: accounts depend on mail",
      ]);
    }
    if (values.APP_URL === undefined && values.PUBLIC_URL === undefined) {
      const message =
        "production needs PUBLIC_URL, or APP_URL for a frontend of your own: links in mail lead there";
      wrong.push(["PUBLIC_URL", message]);
    }
  }
  if (SMTP_SERVER !== undefined && SMTP_FROM === undefined) {
    wrong.push(["SMTP_FROM", `name the sender of mail: ${senderAdvice}`]);
  }
  if (SMTP_USER !== undefined && SMTP_PASSWORD === undefined) {
    wrong.push(["SMTP_PASSWORD", "give the password that belongs to SMTP_USER"]);
  }
  if (SMTP_PASSWORD !== undefined && SMTP_USER === undefined) {
    wrong.push(["SMTP_USER", "name the user that SMTP_PASSWORD belongs to"]);
  }
  return wrong;
}
