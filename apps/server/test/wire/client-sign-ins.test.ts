import { createClient, signInWithIdentity, signInWithPasskey } from "@obsqra/client";
import { answerOf, createTestPasskey } from "@obsqra/features/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { password, startTestServer, type TestServer } from "./start-test-server.ts";

const email = "ada@example.org";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

it("keeps the session that a passkey begins", async () => {
  const first = createClient({ url: server.url });
  await first.auth.register.mutate({ email, password, full_name: "Ada" });
  const made = createTestPasskey();
  const { challenge } = await first.auth.set_up_passkey.mutate();
  await first.auth.add_passkey.mutate({ name: "Laptop", passkey: made.create(challenge) });
  const client = createClient({ url: server.url });
  const step = await signInWithPasskey(client);
  await step.answer(made.sign(step.passkey.challenge));
  expect((await client.auth.me.query()).email).toBe(email);
});

it("keeps the session that an identity begins", async () => {
  const client = createClient({ url: server.url });
  const provider = "test";
  const { attempt, authorization_url } = await client.auth.begin_identity_login.mutate({ provider });
  const answer = answerOf(authorization_url, { subject: "eve", email: "eve@example.org" });
  expect(await signInWithIdentity(client, { provider, attempt, answer })).toMatchObject({
    state: "signed_in",
  });
  expect((await client.auth.me.query()).email).toBe("eve@example.org");
});
