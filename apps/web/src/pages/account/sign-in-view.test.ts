import { expect, it } from "vitest";
import { readSignInView } from "./sign-in-view.ts";

it("leads on to pages of this server, and nowhere else", () => {
  expect(readSignInView({ next: "/settings/webhooks?delivery=1" })).toEqual({
    next: "/settings/webhooks?delivery=1",
  });
  for (const next of [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "",
    1,
  ])
    expect([next, readSignInView({ next })]).toEqual([next, {}]);
});
