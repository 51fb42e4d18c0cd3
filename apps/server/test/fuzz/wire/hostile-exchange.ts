import fc from "fast-check";
import type { WireExchange, WireRequest } from "./exchange.ts";
import { type HostileRequest, hostileRequest, tokenPlace } from "./hostile-request.ts";

/**
 * What a client may do to a connection: one request or several at once, in one packet or in many, said to be the last, or
 * left alone in the middle. Requests with known responses stand among the others: whoever mixes up the order of the
 * responses is found out.
 */
export function hostileExchange(): fc.Arbitrary<WireExchange> {
  const request = fc.oneof(
    { weight: 3, arbitrary: hostileRequest() },
    { weight: 2, arbitrary: fc.constantFrom(...knownRequests) },
  );
  return fc
    .record({
      requests: fc.oneof(
        { weight: 3, arbitrary: fc.tuple(hostileRequest()) },
        { weight: 2, arbitrary: fc.array(request, { minLength: 2, maxLength: 6 }) },
      ),
      cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
      cutsOff: fc.oneof(
        { weight: 8, arbitrary: fc.constant(undefined) },
        {
          weight: 1,
          arbitrary: fc.record({ keeps: fc.nat(99), ending: fc.constantFrom("unclear", "dropped") }),
        },
      ),
    })
    .map(({ requests, cuts, cutsOff }) => {
      // What follows a request whose end is unclear may be taken for a part of it.
      const unclear = requests.findIndex(({ isWhole }) => !isWhole);
      const sent = unclear < 0 ? requests : requests.slice(0, unclear + 1);
      if (cutsOff === undefined)
        return shown({ requests: sent, cuts, ending: unclear < 0 ? "whole" : "unclear" });
      return shown({ requests: cutOff(sent, cutsOff.keeps / 100), cuts, ending: cutsOff.ending });
    });
}

/** Reports show what was sent as text; in numbers nobody would read it. */
function shown(exchange: WireExchange): WireExchange {
  const texts = exchange.requests.map(({ bytes }) => Buffer.from(bytes).toString("latin1").slice(0, 1_000));
  const describe = () => `${exchange.ending}, cut at ${exchange.cuts}: ${JSON.stringify(texts)}`;
  return Object.assign(exchange, { [fc.toStringMethod]: describe });
}

/** The same exchange by the owner of an access token, who may lose everything. */
export function asOwner(exchange: WireExchange, token: string): WireExchange {
  const requests = exchange.requests.map((request) => ({
    ...request,
    // One character is one byte, whatever the bytes mean.
    bytes: Buffer.from(Buffer.from(request.bytes).toString("latin1").replaceAll(tokenPlace, token), "latin1"),
  }));
  return { ...exchange, requests };
}

type KnownRequest = HostileRequest & Pick<WireRequest, "status">;

const knownRequests: readonly KnownRequest[] = [
  known("GET", "/health", 200),
  known("HEAD", "/health", 200),
  known("GET", "/nowhere", 404),
  known("GET", "/api/v1/auth/me", 401),
  known("DELETE", "/api/v1/auth/me", 405),
  known("POST", "/api/v1/auth/login", 400, "{}"),
  known("POST", "/api/v1/auth/login", 400, "{"),
  known("POST", "/api/v1/auth/refresh", 401, '{"refresh_token":"none"}'),
  known("GET", "/trpc/auth.nosuch", 404),
  known("POST", "/trpc/auth.refresh", 401, '{"refresh_token":"none"}'),
];

function known(method: string, path: string, status: number, body = ""): KnownRequest {
  const length = body === "" ? "" : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  const bytes = Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${length}\r\n${body}`);
  return { method, bytes, isWhole: true, status };
}

/** The last of the requests stops early. */
function cutOff(requests: readonly HostileRequest[], keeps: number): WireRequest[] {
  return requests.map((request, index) =>
    index < requests.length - 1
      ? request
      : {
          method: request.method,
          bytes: request.bytes.subarray(0, Math.floor(request.bytes.length * keeps)),
        },
  );
}
