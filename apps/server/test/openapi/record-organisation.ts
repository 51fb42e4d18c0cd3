import type { Invitation, Members, Organisation, Tokens } from "@obsqra/contract";
import { readNewestToken } from "@obsqra/features/testing";
import type { Recorder } from "./record-examples.ts";

const invited = { email: "charles@example.org", role: "analyst" } as const;
const later = { email: "grace@example.org", role: "viewer" } as const;
const password = "correct horse battery staple";

/** Makes an organisation, has others join and go, hands it over, and leaves it. */
export async function useOrganisation(
  recorder: Recorder,
  account: { readonly email: string; readonly password: string },
): Promise<void> {
  const { call } = recorder;
  const { access_token: token } = await call<Tokens>("auth.login", account);
  await call("users.preferences", undefined, token);
  const made = { name: "Analytical Engines" };
  const { id: owner } = await call<Organisation>("organisations.create", made, token);
  await call("organisations.list", { limit: 20 }, token);
  await call("organisations.get", undefined, token, owner);
  await call("organisations.rename", { name: "Difference Engines" }, token, owner);
  await call("organisations.invite", invited, token, owner);
  await call("organisations.invitations", { limit: 20 }, token, owner);
  const charles = await join(recorder, invited.email);
  const members = await call<Members>("organisations.members", { limit: 20 }, token, owner);
  const user_id = members.items.find(({ email }) => email === invited.email)?.user_id;
  await call("organisations.change_role", { user_id, role: "admin" }, token, owner);
  await call("organisations.invite", later, token, owner);
  const { id: invitation_id } = await call<Invitation>("organisations.invite", later, token, owner);
  await call("organisations.revoke_invitation", { invitation_id }, token, owner);
  await call("organisations.transfer", { user_id }, token, owner);
  await call("organisations.leave", undefined, token, owner);
  await call("organisations.invite", later, charles, owner);
  await join(recorder, later.email);
  const { items } = await call<Members>("organisations.members", { limit: 20 }, charles, owner);
  const grace = items.find(({ email }) => email === later.email)?.user_id;
  await call("organisations.remove_member", { user_id: grace }, charles, owner);
  await call("organisations.schedule_deletion", undefined, charles, owner);
  await call("organisations.cancel_deletion", undefined, charles, owner);
}

/** Somebody new accepts the invitation that was sent last. */
async function join({ server, call }: Recorder, email: string): Promise<string> {
  const token = await readNewestToken(server.api, "organisation_invitation");
  const registered = { email, password, full_name: "Charles Babbage" };
  const { access_token } = await call<Tokens>("auth.register", registered);
  await call("organisations.accept_invitation", { token }, access_token);
  return access_token;
}
