import { expect, it } from "vitest";
import { readAgentRequestView, readShownRequest } from "./agent-request-view.ts";

const asked = {
  client_name: "Agentin Ä",
  client_host: null,
  redirect_host: "127.0.0.1:3000",
  scopes: ["analytics:read"],
};
const shownOf = (value: unknown) => `${Buffer.from(JSON.stringify(value)).toString("base64url")}.seal`;

it("shows who asks, where the browser goes, and for what", () => {
  expect(readShownRequest(shownOf({ ...asked, state: "x" }))).toEqual(asked);
});

it.each(["", "x", ".", shownOf(null), shownOf({}), shownOf({ ...asked, scopes: "all" })])(
  "shows nothing of what nobody could have asked: %s",
  (request) => {
    expect(readShownRequest(request)).toBeUndefined();
  },
);

it("takes a request from the address only as text", () => {
  expect(readAgentRequestView({ request: "a.b", more: 1 })).toEqual({ request: "a.b" });
  expect(readAgentRequestView({ request: 7 })).toEqual({});
});
