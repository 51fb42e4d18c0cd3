import { expect, it } from "vitest";
import { publicUrl } from "./create-dependencies.ts";

it.each([
  [{}, "http://localhost:8000"],
  [{ APP_URL: "https://app.example.org" }, "https://app.example.org"],
  [{ APP_URL: "https://app.example.org", PUBLIC_URL: "https://api.example.org" }, "https://api.example.org"],
])("has wallets sign for an origin of the deployment that is known: %j", (urls, origin) => {
  expect(publicUrl({ API_PORT: 8000, PUBLIC_URL: undefined, APP_URL: undefined, ...urls })).toBe(origin);
});
