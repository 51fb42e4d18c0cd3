import { setTimeout as wait } from "node:timers/promises";
import { startFakeNode } from "@obsqra/starknet/testing";
import { type FeedFailure, type RecordedPool, startRecordedFeed } from "./feed.ts";
import { createFleet } from "./fleet.ts";
import { chooseAlerts, startFailingMailServer } from "./mails.ts";
import { createHashes, operatorEmail, settlePeople } from "./people.ts";
import { type ReceiverMood, startReceiver, type WebhookReceiver } from "./receiver.ts";
import { createService, idleTimeoutMs } from "./service.ts";
import { startSubscribers } from "./subscribers.ts";
import { type Step, type Verdict, verifyOutcome } from "./verify.ts";
import { type MailVerdict, verifyMails } from "./verify-mails.ts";
import { type StreamVerdict, verifyStreams } from "./verify-streams.ts";
import { verifyWebhooks, type WebhookVerdict } from "./verify-webhooks.ts";

/** What to live through. */
export interface SimulationOptions {
  readonly engine: "pglite" | "postgres";
  /** What the feed shows, day by day. */
  readonly pools: readonly RecordedPool[];
  readonly days: number;
  /** How many days ahead is forecast. */
  readonly horizonDays: number;
  readonly users: number;
  /** Hours of each day at which the clock is moved on. */
  readonly hours: readonly number[];
  /** A process is killed every so many days. */
  readonly killEvery: number;
  /** Whether a migrated database lies ready, as it does in tests: making an embedded one takes seconds. @default false */
  readonly hasSnapshots?: boolean;
  readonly print: (line: string) => void;
}

/** What came of it. */
export interface SimulationOutcome extends Verdict, WebhookVerdict, MailVerdict, StreamVerdict {
  readonly kills: number;
  readonly days_without_feed: number;
  readonly advised: number;
  /** Refusals of `run-optimization`, by their codes; what for age is `FORECASTS_NOT_READY`. */
  readonly refused: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const dayMs = 24 * 60 * 60 * 1_000;
const minuteMs = 60_000;
const failures: readonly FeedFailure[] = ["down", "nonsense", "no pools"];

/** One after the other, step by step; the last day is good. */
const moods: readonly ReceiverMood[] = [
  "slow",
  "failing",
  "lost answer",
  "hanging",
  "up",
  "refusing",
  "slow",
];

/** Whether a run has kept every promise. */
export function isGood(outcome: SimulationOutcome): boolean {
  const { days_late, without_outcome, slots_wrong, doubles, told_too_soon, transactions_unsettled, refused } =
    outcome;
  const { messages, messages_wrong, messages_disordered, messages_forged } = outcome;
  const { alerts, alerts_wrong, mails_wrong } = outcome;
  const { followed, followed_wrong, reconnects_fewest } = outcome;
  const wrong =
    days_late +
    without_outcome +
    slots_wrong +
    doubles +
    told_too_soon +
    transactions_unsettled +
    messages_wrong.length +
    messages_disordered +
    messages_forged +
    alerts_wrong +
    mails_wrong +
    followed_wrong.length;
  return (
    messages > 0 &&
    alerts > 0 &&
    followed > 0 &&
    reconnects_fewest > 0 &&
    wrong === 0 &&
    Object.keys(refused).length === 0 &&
    outcome.matured > 0 &&
    outcome.advised > 0
  );
}

/**
 * Lets a service live for some days on a clock that is moved from outside: the feed shows a day more each day and fails on some,
 * users ask for advice and log transactions, and every few days a process is killed.
 */
export async function runSimulation(options: SimulationOptions): Promise<SimulationOutcome> {
  const { engine, pools, days, print } = options;
  const started = performance.now();
  const end = Math.max(
    ...pools.flatMap(({ observations }) => observations.at(-1)?.observed_at.getTime() ?? []),
  );
  const firstDay = Math.floor(end / dayMs) * dayMs - days * dayMs;
  await using feed = await startRecordedFeed(pools);
  await using node = await startFakeNode();
  await using receiver = await startReceiver();
  await using mailServer = await startFailingMailServer();
  await using fleet = await createFleet(engine, options.hasSnapshots === true, {
    ENVIRONMENT: "test",
    SECRET_KEY: "4f1c9d27a8b3e650f7d2c41b9e8a7365",
    RATE_LIMITS: "false",
    WEBHOOK_TARGETS: "any",
    MARKET_SOURCE: "defillama",
    ...mailServer.settings,
    DEFILLAMA_URL: feed.url,
    STARKNET_RPC_URL: node.url,
    STARKNET_CHAIN_ID: "SN_SEPOLIA",
    PREDICTION_WINDOW_DAYS: String(options.horizonDays),
    BACKTEST_WINDOW_DAYS: "30",
  });
  const at = (day: number, hour: number) =>
    // Not at the edge of a minute: clocks that are moved one after the other would differ about it.
    new Date(firstDay + day * dayMs + hour * 60 * minuteMs + 10 * minuteMs + 5_000);
  const beginning = at(0, options.hours[0] ?? 0);
  feed.reveal(beginning);
  const people = await settlePeople(fleet.variables, {
    at: beginning,
    node,
    receiver,
    users: options.users,
  });
  const firstMails = await chooseAlerts(fleet.variables, beginning);
  mailServer.pass(0, beginning);
  const service = createService(fleet, people.operatorKey);
  receiver.become("up", beginning);
  await fleet.start(beginning);
  await using subscribers = await startSubscribers(fleet.urls, people.users);
  const schedules = await service.schedules();
  const nextHash = createHashes(1);

  const steps: Step[] = [];
  const refused: Record<string, number> = {};
  let [kills, advised, daysWithoutFeed] = [0, 0, 0];
  let hadFeed = true;
  let links = -1;
  for (let day = 0; day < days; day += 1) {
    const isAwayAllDay = day % 17 === 2;
    const isAwayAtFirst = isAwayAllDay || day % 6 === 4;
    if (isAwayAllDay) daysWithoutFeed += 1;
    for (const [index, hour] of options.hours.entries()) {
      const moment = at(day, hour);
      hadFeed = !(isAwayAllDay || (isAwayAtFirst && index === 0));
      feed.fail(hadFeed ? undefined : failures[day % failures.length]);
      feed.reveal(moment);
      node.addBlocks(20);
      const mood = moods[steps.length % moods.length] ?? "up";
      // Else the clock would run away from mail that waits, which is not sent any more after a day.
      await mailServer.untilLinkSince(links);
      receiver.become(day === days - 1 ? "up" : mood, moment);
      mailServer.pass(day, moment);
      await fleet.moveClocks(moment);
      if (index === 0 && day % options.killEvery === options.killEvery - 1) {
        // At any moment of what has just become due.
        await wait((kills * 370) % 1_500);
        const killed = await fleet.killAndRestart(kills, moment);
        kills += 1;
        print(`Day ${day + 1}: ${killed} was killed and is back.`);
      }
      await service.untilIdle(moment, schedules);
      links = mailServer.links();
      await service.askForLink(operatorEmail);
      steps.push({ at: moment, day, hadFeed, shownUntil: feed.shownUntil() });
    }
    const asked = receiver.asked();
    for (const user of people.users) {
      const code = await service.act(user, nextHash(), node);
      if (code === undefined) advised += 1;
      else refused[code] = (refused[code] ?? 0) + 1;
    }
    // The receiver is in another mood soon: that of today is to be felt.
    await receiver.untilAskedSince(asked);
    if (day % 10 === 9) print(`Day ${day + 1} of ${days}, after ${secondsSince(started)} s.`);
  }
  // What the users logged last is settled, too.
  const after = at(days - 1, options.hours.at(-1) ?? 0);
  const settled = new Date(after.getTime() + 30 * minuteMs);
  node.addBlocks(20);
  await mailServer.untilLinkSince(links);
  receiver.become("up", settled);
  mailServer.pass(days, settled);
  await fleet.moveClocks(settled);
  await service.untilIdle(settled, schedules);
  steps.push({ at: settled, day: days - 1, hadFeed, shownUntil: feed.shownUntil() });
  await untilSettledIsTold(receiver, options.users * days);
  await subscribers.untilSeen(await service.untilTold(people.users));
  await subscribers.stop();
  await fleet.stop();
  const runs = [...service.runs.values()];
  const verdict = await verifyOutcome(fleet.variables, { steps, schedules, runs });
  const webhookVerdict = await verifyWebhooks(fleet.variables, receiver);
  const mailVerdict = await verifyMails(fleet.variables, mailServer, { first: firstMails, at: settled });
  const streamVerdict = await verifyStreams(fleet.variables, subscribers);
  return {
    ...verdict,
    ...webhookVerdict,
    ...mailVerdict,
    ...streamVerdict,
    kills,
    days_without_feed: daysWithoutFeed,
    advised,
    refused,
    seconds: secondsSince(started),
  };
}

/**
 * Waits until the receiver knows what became of so many transactions, which is the last thing that happens: before, no delivery may be
 * waiting only because none was queued yet.
 */
async function untilSettledIsTold(
  { taken }: Pick<WebhookReceiver, "taken">,
  transactions: number,
): Promise<void> {
  const deadline = performance.now() + idleTimeoutMs;
  const settled = () => taken.filter(({ type }) => type === "transaction.status_changed");
  while (new Set(settled().map(({ subject }) => subject)).size < transactions) {
    if (performance.now() > deadline) throw new Error("Webhooks were not told of every transaction.");
    await wait(100);
  }
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 1_000);
}
