import { once } from "node:events";
import { request } from "node:http";

/** A request of which the server waits for the body. */
export interface RequestInFlight {
  /** Sends the body; gives the status of the response. */
  finish(): Promise<number | undefined>;
  abandon(): void;
}

/** Sends the head of a request and waits until the server has asked for the body, so that it surely is in flight. */
export async function beginRequest(url: string): Promise<RequestInFlight> {
  const body = JSON.stringify({
    email: "eve@example.org",
    password: "correct horse battery",
    full_name: "Eve",
  });
  const sent = request(`${url}/api/v1/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": body.length, expect: "100-continue" },
  });
  // A connection that breaks is what some of these tests are about.
  sent.on("error", () => {});
  sent.flushHeaders();
  await once(sent, "continue");
  return {
    abandon: () => void sent.destroy(),
    finish: async () => {
      sent.end(body);
      const [response] = await once(sent, "response");
      response.resume();
      await once(response, "end");
      return response.statusCode;
    },
  };
}
