import { contract } from "@obsqra/contract";
import { expect, it } from "vitest";
import { send, startTestServer } from "../../test/wire/start-test-server.ts";
import { accountPages } from "./account-pages.ts";

it("calls endpoints that exist", () => {
  const { verify_email, reset_password, confirm_email_change } = contract.auth;
  const endpoints = [verify_email, reset_password, confirm_email_change];
  expect(accountPages.map(({ endpoint }) => endpoint)).toEqual(endpoints.map(({ rest }) => rest.path));
  expect(endpoints.map(({ rest }) => rest.method)).toEqual(["POST", "POST", "POST"]);
});

it("allows nothing inline and nothing from elsewhere, and is neither stored, framed nor indexed", async () => {
  await using server = await startTestServer();
  for (const { name } of accountPages) {
    const { status, headers, body } = await send(server.url, { path: `/account/${name}` });
    expect([name, status, headers.get("content-type")]).toEqual([name, 200, "text/html; charset=utf-8"]);
    const policy = headers.get("content-security-policy") ?? "";
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy).toContain(rule);
    }
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("x-robots-tag")).toBe("noindex");
    expect(body).not.toMatch(/ style=| on\w+=|<style|<script>|(src|href)="(https?:)?\/\//);
  }
});

it("serves the script and the style sheet that the pages name", async () => {
  await using server = await startTestServer();
  const { body } = await send(server.url, { path: "/account/verify-email" });
  const files = [...body.matchAll(/(?:src|href)="(account-page[^"]*)"/g)].map(([, file = ""]) => file);
  expect(files.sort()).toEqual(["account-page.css", "account-page.js"]);
  const types = [];
  for (const file of files) {
    types.push((await send(server.url, { path: `/account/${file}` })).headers.get("content-type"));
  }
  expect(types).toEqual(["text/css; charset=utf-8", "text/javascript; charset=utf-8"]);
});
