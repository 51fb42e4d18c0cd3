import { randomBytes } from "node:crypto";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { expect, it } from "vitest";
import { createSecret, signMessage } from "./message-signature.ts";

const message = { id: "019bc186-de00-7000-8000-a19af8b2bbf6", sent_at: new Date(), body: '{"a":"ä"}' };

it("signs as the reference implementation verifies, with each of two secrets", () => {
  const [newer, older, other] = [1, 2, 3].map(() => createSecret(randomBytes));
  const headers = signMessage(message, [newer ?? "", older ?? ""]);
  for (const secret of [newer, older]) {
    expect(new Webhook(secret ?? "").verify(message.body, headers)).toEqual({ a: "ä" });
  }
  const verify = (body: string, changed = {}) =>
    new Webhook(newer ?? "").verify(body, { ...headers, ...changed });
  expect(() => new Webhook(other ?? "").verify(message.body, headers)).toThrow(WebhookVerificationError);
  expect(() => verify('{"a":"b"}')).toThrow(WebhookVerificationError);
  expect(() => verify(message.body, { "webhook-id": "another" })).toThrow(WebhookVerificationError);
  expect(() => verify(message.body, { "webhook-timestamp": "1" })).toThrow(WebhookVerificationError);
});

it("signs the same as the reference implementation", () => {
  const secret = createSecret(randomBytes);
  const { id, sent_at, body } = message;
  expect(signMessage(message, [secret])).toEqual({
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(sent_at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, sent_at, body),
  });
});

it("makes secrets of 32 random bytes, written as Standard Webhooks want it", () => {
  const secret = createSecret(randomBytes);
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(createSecret(randomBytes)).not.toBe(secret);
});
