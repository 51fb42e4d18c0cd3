import { expect, it } from "vitest";
import { askForReset, createTestApi, logIn, readEvents, readNewestToken } from "../src/testing/index.ts";

const email = "ada@example.org";
const password = "correct horse battery";
const new_password = "staple that no horse has";
const minuteMs = 60_000;

const ways = (["change", "reset"] as const).flatMap((way) =>
  [true, false].flatMap((keeps) =>
    (["never", "before", "afterwards"] as const).map((confirmed) => ({ way, keeps, confirmed })),
  ),
);
const named = ways.map(
  (how) =>
    [`${how.way}, ${how.keeps ? "kept" : "not kept"}, address confirmed ${how.confirmed}`, how] as const,
);

it.each(named)(
  "sends nothing more by a webhook from before a new password, unless it is kept: %s",
  async (_name, { way, keeps, confirmed }) => {
    await using api = await createTestApi();
    await api.signUp(email);
    const { caller } = await logIn(api, { email });
    const confirm = async () =>
      api.caller().auth.verify_email({ token: await readNewestToken(api, "email_verification") });
    if (confirmed === "before") await confirm();
    api.clock.advance(minuteMs);
    const { id } = await caller.webhooks.create({
      url: "https://example.org/obsqra",
      topics: ["transactions"],
    });
    api.clock.advance(minuteMs);
    if (confirmed === "afterwards") await confirm();
    const keep_api_keys = keeps;
    if (way === "change") {
      await caller.auth.change_password({ current_password: password, new_password, keep_api_keys });
    } else {
      await api
        .caller()
        .auth.reset_password({ token: await askForReset(api, email), new_password, keep_api_keys });
    }
    // A reset does not keep what a stranger may have made; whoever changes the password is signed in.
    const isKept = keeps && (way === "change" || confirmed === "before");
    const { caller: ada } = await logIn(api, { email, password: new_password });
    expect(await ada.webhooks.get({ webhook_id: id })).toMatchObject({
      status: isKept ? "active" : "paused",
    });
    const told = (await readEvents(api, email)).filter(({ type }) => type === "webhook_changed");
    expect(told).toEqual(isKept ? [] : [{ type: "webhook_changed", details: { id, status: "paused" } }]);
    if (isKept) return;
    expect(await ada.webhooks.resume({ webhook_id: id })).toMatchObject({ status: "active" });
  },
);
