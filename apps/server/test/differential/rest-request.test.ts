import { contract } from "@obsqra/contract";
import { expect, it } from "vitest";
import { toRestRequest } from "./rest-request.ts";

it("writes fields of the path, of the query string and of the body where the contract wants them", () => {
  const { get, list, create } = contract.transactions;
  expect(toRestRequest(get, { tx_hash: "0x1/ä" })).toEqual({
    method: "GET",
    path: "/api/v1/transactions/0x1%2F%C3%A4",
    body: undefined,
  });
  expect(toRestRequest(list, { limit: 5, cursor: "a&b=c", unknown: "x" })?.path).toBe(
    "/api/v1/transactions?limit=5&cursor=a%26b%3Dc&unknown=x",
  );
  expect(toRestRequest(list, undefined)?.path).toBe("/api/v1/transactions");
  expect(toRestRequest(create, { amount: 1 })).toEqual({
    method: "POST",
    path: "/api/v1/transactions",
    body: '{"amount":1}',
  });
  expect(toRestRequest(contract.auth.set_primary_wallet, { wallet_address: "0x1", more: 1 })).toEqual({
    method: "PUT",
    path: "/api/v1/auth/wallets/0x1/primary",
    body: '{"more":1}',
  });
});

it("leaves out what a URL has no way to say, and nothing else", () => {
  const { list, get, create } = contract.transactions;
  const unsayable = [null, "text", 7, [], { limit: null }, { limit: {} }, { limit: "5" }, { limit: 1e21 }];
  for (const input of unsayable) expect([input, toRestRequest(list, input)]).toEqual([input, undefined]);
  expect(toRestRequest(list, { cursor: 5 })).toBeUndefined();
  expect(toRestRequest(list, { cursor: "\ud800" })).toBeUndefined();
  expect(toRestRequest(list, { cursor: "x".repeat(5_000) })).toBeUndefined();
  expect(toRestRequest(get, { tx_hash: "" })).toBeUndefined();
  expect(toRestRequest(get, undefined)).toBeUndefined();
  expect(toRestRequest(contract.auth.logout, {})).toBeUndefined();
  const sayable = [{ limit: -1 }, { limit: 0.5 }, { limit: "five" }, { cursor: "" }, { tx_type: "0" }];
  for (const input of sayable) expect([input, toRestRequest(list, input)]).not.toEqual([input, undefined]);
  for (const input of [null, "text", [], { details: { a: null } }, undefined]) {
    expect([input, toRestRequest(create, input)]).not.toEqual([input, undefined]);
  }
});
