import { setTimeout as wait } from "node:timers/promises";
import type { JobRun, JobRuns, Jobs, WebhookDeliveries } from "@obsqra/contract";
import { newestSlot } from "@obsqra/platform";
import type { FakeNode } from "@obsqra/starknet/testing";
import type { Fleet } from "./fleet.ts";
import type { User } from "./people.ts";

/** Within this time, whatever was under way in a process that was killed is taken back and done. */
export const idleTimeoutMs = 240_000;

const attemptsMax = 50;

/** The service as its users and its operator reach it: by whichever server responds. */
export function createService(fleet: Fleet, operatorKey: string) {
  let turn = 0;
  const runs = new Map<string, JobRun>();

  async function send<TBody>(
    path: string,
    { key, body }: { readonly key?: string; readonly body?: object },
  ): Promise<{ readonly status: number; readonly body: TBody }> {
    for (let attempt = 0; ; attempt += 1) {
      const urls = fleet.urls();
      turn += 1;
      try {
        const response = await fetch(`${urls[turn % urls.length]}/api/v1${path}`, {
          method: body === undefined ? "GET" : "POST",
          headers: {
            "content-type": "application/json",
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        const reply = {
          status: response.status,
          body: (text === "" ? undefined : JSON.parse(text)) as TBody,
        };
        // Whoever is told so tries again, as the response says.
        if (response.status !== 503 || !isOverloaded(reply.body) || attempt === attemptsMax) return reply;
        await wait(1_000);
      } catch (error) {
        // A server that was killed just now; another one, or the same a little later, responds.
        if (attempt === attemptsMax) throw error;
        await wait(100);
      }
    }
  }

  return {
    /** What was seen of jobs' runs, by their ids. */
    runs,

    schedules: async () => {
      const { body } = await send<Jobs>("/operations/jobs?limit=100", { key: operatorKey });
      return new Map(
        body.items.flatMap(({ name, schedule }) => (schedule === null ? [] : [[name, schedule]])),
      );
    },

    /** Has a link for a new password sent. */
    askForLink: async (email: string) => {
      const { status } = await send("/auth/request-password-reset", { body: { email } });
      if (status !== 204) throw new Error(`A link was refused with ${status}.`);
    },

    /** Waits until each job has run for the newest moment of its schedule, and none has anything to do. */
    untilIdle: async (moment: Date, schedules: ReadonlyMap<string, string>) => {
      const deadline = performance.now() + idleTimeoutMs;
      let waitingFor: readonly string[] = [];
      do {
        const { status, body } = await send<JobRuns>("/operations/job-runs?limit=100", { key: operatorKey });
        if (status !== 200) throw new Error(`Runs cannot be listed: ${JSON.stringify(body)}`);
        for (const run of body.items) runs.set(run.id, run);
        const busy = body.items.filter(({ state }) =>
          ["waiting", "running", "to_be_repeated"].includes(state),
        );
        const done = new Set(
          body.items.filter(({ state }) => state === "done").map((run) => `${run.job} ${run.scheduled_for}`),
        );
        const missing = [...schedules].filter(
          ([job, schedule]) => !done.has(`${job} ${newestSlot(schedule, moment)?.toISOString()}`),
        );
        const toText = ({ job, state, error }: (typeof busy)[number]) =>
          `${job} ${state}${error === null ? "" : ` (${error})`}`;
        waitingFor = [...busy.map(toText), ...missing.map(([job]) => job)];
        if (waitingFor.length === 0) return;
        await wait(100);
      } while (performance.now() < deadline);
      throw new Error(`At ${moment.toISOString()} these are not done: ${waitingFor.join(", ")}.`);
    },

    /**
     * Asks once more, and waits until the webhooks of users have been told of that, and of all that was before.
     *
     * @returns what came of it for each of them, which is the last thing that those who follow are told, too
     */
    untilTold: async (users: readonly User[]): Promise<string[]> => {
      const suggestions: string[] = [];
      const deadline = performance.now() + idleTimeoutMs;
      const list = async (key: string, filter: string) =>
        (await send<WebhookDeliveries>(`/webhook-deliveries?limit=100${filter}`, { key })).body.items;
      for (const { key } of users) {
        const { body } = await send<{ id: string }>("/predictions/run-optimization", { key, body: {} });
        const isTold = async () =>
          (await list(key, "")).some(({ subject }) => subject === body.id) &&
          (await list(key, "&status=pending")).length === 0;
        while (!(await isTold())) {
          if (performance.now() > deadline) throw new Error("Webhooks still wait for messages.");
          await wait(200);
        }
        suggestions.push(body.id);
      }
      return suggestions;
    },

    /** Asks for advice, and logs a transaction that the chain has. @returns the code of a refusal to advise */
    act: async ({ key, wallet }: User, hash: string, node: FakeNode): Promise<string | undefined> => {
      const advice = await send<{ id: string; outcome: string; code?: string }>(
        "/predictions/run-optimization",
        { key, body: { risk_tolerance: "medium" } },
      );
      node.include({ hash, sender: wallet.address });
      const isFollowed = advice.status < 300 && advice.body.outcome === "rebalance";
      const logged = await send("/transactions/", {
        key,
        body: isFollowed
          ? { tx_hash: hash, tx_type: "allocate", amount: "1000", suggestion_id: advice.body.id }
          : { tx_hash: hash, tx_type: "deposit", amount: "10" },
      });
      if (logged.status !== 201) throw new Error(`A transaction was refused: ${JSON.stringify(logged.body)}`);
      return advice.status < 300 ? undefined : (advice.body.code ?? String(advice.status));
    },
  };
}

function isOverloaded(body: unknown): boolean {
  return typeof body === "object" && body !== null && "code" in body && body.code === "SERVER_OVERLOADED";
}
