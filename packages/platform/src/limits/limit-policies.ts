import type { Plan } from "@obsqra/contract";

/** How many points fit into a window. A call is worth one point, or the `weight` of its endpoint. */
export interface LimitPolicy {
  /** As the headers and RATE_LIMITED name it. */
  readonly name: string;
  /** Points per window. */
  readonly quota: number;
  readonly windowSeconds: number;
}

/** What a service counts by. */
export interface LimitPolicies {
  /** All calls from an address. */
  readonly ip: LimitPolicy;
  /** Calls of one endpoint from an address, besides; by the endpoint's path. */
  readonly ipByPath: ReadonlyMap<string, LimitPolicy>;
  /** All calls of a user, also by API keys. */
  readonly user: LimitPolicy;
  /** Calls with one API key, so that a program that runs wild leaves its owner something. */
  readonly key: LimitPolicy;
  /** All calls of a user in a day, by plan. */
  readonly day: Readonly<Record<Plan, LimitPolicy>>;
}

/** The numbers that an operator may choose, in points. */
export interface LimitQuotas {
  /** Per address and minute. Many users can share an address, so it is more than one of them needs. */
  readonly ipPerMinute: number;
  readonly userPerMinute: number;
  readonly keyPerMinute: number;
  /** Accounts per address and hour: each sends a mail, and EMAIL_TAKEN tells who has an account. */
  readonly registrationsPerHour: number;
  readonly freePlanPerDay: number;
  readonly proPlanPerDay: number;
}

/** More than a person or a well-made program needs; docs/decisions/0018-limits.md has them as a table. */
export const defaultLimitQuotas: LimitQuotas = {
  ipPerMinute: 1_200,
  userPerMinute: 600,
  keyPerMinute: 300,
  registrationsPerHour: 20,
  freePlanPerDay: 20_000,
  proPlanPerDay: 200_000,
};

const minuteSeconds = 60;
const hourSeconds = 60 * minuteSeconds;
const daySeconds = 24 * hourSeconds;

/** @param chosen the quotas that differ from the default */
export function createLimitPolicies(chosen: Partial<LimitQuotas> = {}): LimitPolicies {
  const quotas = { ...defaultLimitQuotas, ...chosen };
  const day = { name: "day", windowSeconds: daySeconds };
  return {
    ip: { name: "ip", quota: quotas.ipPerMinute, windowSeconds: minuteSeconds },
    ipByPath: new Map([
      [
        "auth.register",
        { name: "registrations", quota: quotas.registrationsPerHour, windowSeconds: hourSeconds },
      ],
    ]),
    user: { name: "user", quota: quotas.userPerMinute, windowSeconds: minuteSeconds },
    key: { name: "key", quota: quotas.keyPerMinute, windowSeconds: minuteSeconds },
    day: { free: { ...day, quota: quotas.freePlanPerDay }, pro: { ...day, quota: quotas.proPlanPerDay } },
  };
}
