import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Shares requests out among servers, as a reverse proxy does. */
export interface Balancer extends AsyncDisposable {
  readonly url: string;
  /** Those that requests are sent to, by their addresses. */
  serving(): readonly string[];
  /** @param path where it says whether it takes requests. @default "/ready/traffic" */
  add(url: string, path?: string): void;
  remove(url: string): void;
}

interface Target {
  readonly agent: Agent;
  readonly path: string;
  takesRequests: boolean;
}

/**
 * Starts a small one: each server in turn that says at `/ready/traffic` that it takes requests, and all of them while none says so, as
 * Envoy and AWS' balancers do. What goes wrong on the way to a server is a broken connection for whoever has asked: nothing is sent twice here.
 */
export async function startBalancer(): Promise<Balancer> {
  const targets = new Map<string, Target>();
  let turn = 0;
  const serving = () => {
    const all = [...targets.keys()];
    const ready = all.filter((url) => targets.get(url)?.takesRequests);
    return ready.length > 0 ? ready : all;
  };
  const pass = (incoming: IncomingMessage, response: ServerResponse) => {
    const urls = serving();
    turn += 1;
    const url = urls[turn % urls.length];
    const target = url === undefined ? undefined : targets.get(url);
    if (url === undefined || target === undefined) return incoming.socket.destroy();
    const breakOff = () => response.socket?.destroy();
    const { method, headers, url: path } = incoming;
    const outgoing = request(`${url}${path}`, { method, headers, agent: target.agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("error", breakOff).pipe(response);
    });
    outgoing.on("error", () => {
      target.takesRequests = false;
      breakOff();
    });
    response.on("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
    return undefined;
  };
  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const look = async () => {
    for (const [url, target] of targets) {
      const signal = AbortSignal.timeout(3_000);
      target.takesRequests = await fetch(`${url}${target.path}`, { signal }).then(
        ({ ok }) => ok,
        () => false,
      );
    }
    timer = setTimeout(() => void look(), 200);
  };
  let timer = setTimeout(() => void look(), 0);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serving,
    add: (url, path = "/ready/traffic") =>
      void targets.set(url, { agent: new Agent({ keepAlive: true }), path, takesRequests: false }),
    remove: (url) => {
      targets.get(url)?.agent.destroy();
      targets.delete(url);
    },
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      for (const { agent } of targets.values()) agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
