import type { Preferences, Profile, Tokens } from "@obsqra/contract";
import { contract } from "@obsqra/contract";
import { arbitraryInput } from "@obsqra/contract/testing";
import fc from "fast-check";
import { defineCommand, pickUser, travel, travelling } from "./command.ts";
import { assertEnded, logIn, recentSessionOf, sessionOf, signUp, tokenOf } from "./sessions.ts";
import { ask, askInVain, type ModelSession, type ModelUser, promise, type World } from "./world.ts";

const who = fc.nat(20);
const minuteMs = 60_000;
const usersMax = 6;

const fullName = arbitraryInput(contract.auth.register.input.shape.full_name) as fc.Arbitrary<string>;
const preferences = arbitraryInput(contract.users.update_preferences.input) as fc.Arbitrary<
  Partial<Preferences>
>;

/** What users do with their accounts. */
export const accountCommands = [
  defineCommand({
    name: "register",
    parameters: fc.record({ full_name: fullName, travel }),
    run: async (world, { full_name, travel }) => {
      if (world.users.length >= usersMax) return;
      const user = await signUp(world, { full_name, ...travelling(world, travel) });
      const input = {
        email: user.email.toUpperCase(),
        password: "another horse, just as good",
        full_name: "Eve",
      };
      await askInVain(world, { path: "auth.register", input, ...travelling(world, travel) }, "EMAIL_TAKEN");
    },
  }),
  defineCommand({
    name: "log in",
    parameters: fc.record({ who, isRight: fc.boolean(), travel }),
    run: async (world, { who, isRight, travel }) => {
      const user = pickUser(world, who);
      if (isRight) {
        await logIn(world, user, travel.via);
        return;
      }
      const input = { email: user.email, password: `not ${user.password}` };
      await askInVain(
        world,
        { path: "auth.login", input, ...travelling(world, travel) },
        "CREDENTIALS_INVALID",
      );
    },
  }),
  defineCommand({
    name: "refresh",
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      const session = await sessionOf(world, user);
      const call = { path: "auth.refresh", input: { refresh_token: session.refresh_token }, via: travel.via };
      const { access_token, refresh_token } = await ask<Tokens>(world, call);
      Object.assign(session, { access_token, refresh_token, access_until: world.now + 30 * minuteMs });
      // A token works once. So soon it may be a lost response that is asked for again: the session lives.
      await askInVain(world, { ...call, ...travelling(world, travel) }, "REFRESH_TOKEN_INVALID");
      await ask(world, { path: "auth.me", bearer: access_token });
    },
  }),
  defineCommand({
    name: "log out",
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      const { access_token, refresh_token } = await sessionOf(world, user);
      await ask(world, { path: "auth.logout", bearer: access_token, via: travel.via });
      user.sessions.pop();
      await askInVain(world, { path: "auth.me", bearer: access_token, via: travel.via }, "TOKEN_INVALID");
      await askInVain(world, { path: "auth.refresh", input: { refresh_token } }, "REFRESH_TOKEN_INVALID");
    },
  }),
  defineCommand({
    name: "change the password",
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      const session = await sessionOf(world, user);
      const input = { current_password: user.password, new_password: `horse ${world.unique()}` };
      const bearer = session.access_token;
      await ask(world, { path: "auth.change_password", input, bearer, ...travelling(world, travel) });
      user.password = input.new_password;
      user.keys = [];
      await endSessions(world, user, session);
    },
  }),
  defineCommand({
    name: "reset the password",
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      const asking = { path: "auth.request_password_reset", input: { email: user.email } };
      await ask(world, { ...asking, ...travelling(world, travel) });
      const token = await takeLink(world, user.email, "Set a new password");
      const call = {
        path: "auth.reset_password",
        input: { token, new_password: `horse ${world.unique()}` },
        via: travel.via,
      };
      await ask(world, call);
      user.password = call.input.new_password;
      if (!user.is_verified) Object.assign(user, { wallets: [], primary_wallet: null });
      user.is_verified = true;
      user.keys = [];
      await endSessions(world, user);
      await askInVain(world, { ...call, ...travelling(world, travel) }, "ONE_TIME_TOKEN_INVALID");
    },
  }),
  defineCommand({
    name: "confirm the address",
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      if (user === undefined || user.is_verified) return;
      const bearer = await tokenOf(world, user);
      await ask(world, { path: "auth.request_email_verification", bearer, ...travelling(world, travel) });
      const token = await takeLink(world, user.email, "Confirm your address");
      const call = { path: "auth.verify_email", input: { token }, via: travel.via };
      await ask(world, call);
      user.is_verified = true;
      await askInVain(world, { ...call, ...travelling(world, travel) }, "ONE_TIME_TOKEN_INVALID");
    },
  }),
  defineCommand({
    name: "change the address",
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      const { access_token: bearer } = await recentSessionOf(world, user);
      const new_email = `${world.unique()}@example.org`;
      const path = "auth.request_email_change";
      await ask(world, { path, input: { new_email }, bearer, ...travelling(world, travel) });
      const links = [await takeLink(world, new_email, "Confirm your new address")];
      if (user.is_verified)
        links.push(await takeLink(world, user.email, "Confirm the change of your address"));
      for (const [index, token] of links.entries()) {
        const call = { path: "auth.confirm_email_change", input: { token }, via: travel.via };
        const { status } = await ask<{ status: string }>(world, call);
        promise(
          status === (index === links.length - 1 ? "changed" : "waiting"),
          "an address changes when the last mailbox has confirmed it",
          status,
        );
      }
      user.email = new_email;
      user.is_verified = true;
    },
  }),
  defineCommand({
    name: "read the profile",
    weight: 2,
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const profile = await ask<Profile>(world, { path: "users.profile", bearer, via: travel.via });
      const expected = {
        id: user.id,
        email: user.email,
        full_name: user.full_name,
        is_verified: user.is_verified,
        wallet_address: user.primary_wallet,
        deletion_scheduled_for: null,
      };
      for (const [name, value] of Object.entries(expected)) {
        const got = profile[name as keyof typeof expected];
        promise(got === value, `the profile has the ${name} of its user`, got, value);
      }
      for (const [name, value] of Object.entries(user.preferences)) {
        const got = profile.preferences[name as keyof Preferences];
        promise(fc.stringify(got) === fc.stringify(value), `${name} is as it was set`, got, value);
      }
    },
  }),
  defineCommand({
    name: "change the name",
    parameters: fc.record({ who, full_name: fullName, travel }),
    run: async (world, { who, full_name, travel }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const call = { path: "users.update_profile", input: { full_name }, bearer };
      user.full_name = (await ask<Profile>(world, { ...call, ...travelling(world, travel) })).full_name;
      promise(user.full_name === full_name.trim(), "a name is stored as it is", user.full_name, full_name);
    },
  }),
  defineCommand({
    name: "change preferences",
    parameters: fc.record({ who, preferences, travel }),
    run: async (world, { who, preferences, travel }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const call = { path: "users.update_preferences", input: preferences, bearer };
      const outcome = await world.caller.call({ ...call, ...travelling(world, travel) });
      if (outcome.ok) user.preferences = outcome.data as Preferences;
      else
        promise(
          outcome.error.code === "PROTOCOL_UNKNOWN",
          "preferences of known protocols are taken",
          outcome,
        );
    },
  }),
];

/** All sessions have ended but the one that asked, if there is one. */
async function endSessions(world: World, user: ModelUser, survivor?: ModelSession): Promise<void> {
  const ended = user.sessions.filter((session) => session !== survivor);
  user.sessions = user.sessions.filter((session) => session === survivor);
  await assertEnded(world, ended);
}

async function takeLink(world: World, to: string, subject: string): Promise<string> {
  world.mail.push(...(await world.server.takeMail()));
  const at = world.mail.findLastIndex((mail) => mail.to === to && mail.subject === subject);
  const [link] = at < 0 ? [] : world.mail.splice(at, 1);
  promise(link !== undefined, `a mail "${subject}" goes out`, to);
  return link.token;
}
