/** What the host knows about a request. */
export interface RequestFacts {
  /** Shown with every error, so that a report can be found in the log. */
  readonly id: string;
  /** The bearer token as it came, unchecked. */
  readonly access_token: string | undefined;
  readonly ip: string | undefined;
  /** The device, as it describes itself: at most 512 whole characters, none of them a control character. */
  readonly user_agent: string | undefined;
  /** As it came, unchecked. Names what has to be done once, however often it is asked for. */
  readonly idempotency_key?: string | undefined;
  /** Whose data the calls are about, as it came, unchecked. @default that of whoever calls */
  readonly owner?: string | undefined;
  /** The URL that was called, for keys that are for one URL only. @default they are refused */
  readonly audience?: string | undefined;
  /** Whether it came where only subscriptions are served, such as over a WebSocket. @default false */
  readonly takes_subscriptions_only?: boolean;
}
