import { codeOf } from "@obsqra/platform/testing";
import type { createCaller } from "../root.ts";
import type { TestApi } from "./create-test-api.ts";
import { readEvents } from "./read-events.ts";
import { readNewestToken } from "./read-mails.ts";

type Caller = ReturnType<typeof createCaller>;

/** Whether a login with this password succeeds. The test does not care about its sessions. */
export async function opens(api: TestApi, email: string, password: string): Promise<boolean> {
  return (await codeOf(api.caller().auth.login({ email, password }))) === undefined;
}

/** The types of all events in an account's audit log, oldest first. */
export async function eventTypes(api: TestApi, email: string): Promise<string[]> {
  return (await readEvents(api, email)).map(({ type }) => type);
}

/** Takes all passwords away, as of users who sign in by other means. */
export async function removePasswords(api: TestApi): Promise<void> {
  await api.deps.db.deleteFrom("user_passwords").execute();
}

/** Asks for a link for a new password, and gives its token. */
export async function askForReset(api: TestApi, email: string): Promise<string> {
  await api.caller().auth.request_password_reset({ email });
  return readNewestToken(api, "password_reset");
}

/** A user who has confirmed the address. */
export async function signUpVerified(api: TestApi, email: string): Promise<Caller> {
  const caller = await api.signUp(email);
  await api.caller().auth.verify_email({ token: await readNewestToken(api, "email_verification") });
  return caller;
}

/** Asks for a link that confirms the address, and gives its token. */
export async function askForVerification(api: TestApi, caller: Caller): Promise<string> {
  await caller.auth.request_email_verification();
  return readNewestToken(api, "email_verification");
}

/** Confirms a change of address from one mailbox. */
export async function confirmChange(api: TestApi, token: string): Promise<string> {
  const { status } = await api.caller().auth.confirm_email_change({ token });
  return status;
}
