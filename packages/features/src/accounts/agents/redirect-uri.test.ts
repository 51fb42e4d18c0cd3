import { expect, it } from "vitest";
import { isNamedUri, isRedirectUri } from "./redirect-uri.ts";

it.each([
  "https://agent.example/callback",
  "https://agent.example:8443/callback?kept=1",
  "http://127.0.0.1/callback",
  "http://127.0.0.1:51004/callback",
  "http://[::1]:51004/",
  "http://localhost:3000/callback",
])("lets an agent have its user sent to %s", (uri) => {
  expect(isRedirectUri(uri)).toBe(true);
});

it.each([
  "http://agent.example/callback",
  "http://127.0.0.1.agent.example/",
  "http://localhost.agent.example/",
  "https://user:password@agent.example/",
  "http://user@127.0.0.1/",
  "https://agent.example/#fragment",
  "https://agent.example/#",
  "javascript:alert(1)",
  "data:text/html,x",
  "agent://callback",
  "/callback",
  "",
])("sends nobody to %s", (uri) => {
  expect(isRedirectUri(uri)).toBe(false);
});

it("takes an address as it was named, but for the port on this machine", () => {
  const named = ["https://agent.example/callback", "http://127.0.0.1/callback", "http://localhost:3000/a"];
  for (const uri of [...named, "http://127.0.0.1:51004/callback", "http://localhost:4/a"]) {
    expect([uri, isNamedUri(uri, named)]).toEqual([uri, true]);
  }
  const others = [
    "https://agent.example/callback/",
    "https://agent.example:444/callback",
    "https://agent.example/callback?a=1",
    "https://AGENT.example/callback",
    "https://eve.example/callback",
    "http://127.0.0.1:51004/other",
    "http://localhost/callback",
    "https://127.0.0.1/callback",
    "http://127.0.0.1:51004/callback#x",
  ];
  for (const uri of others) expect([uri, isNamedUri(uri, named)]).toEqual([uri, false]);
});
