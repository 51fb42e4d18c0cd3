/** How much a server lets one request, one connection, and all of them together take. */
export interface ServerLimits {
  /** All headers of a request, with its first line. */
  readonly headersBytes: number;
  /** Path and query, in bytes. */
  readonly urlBytes: number;
  /** From the beginning of a connection, or of the next request on it, until its headers are there. */
  readonly headersTimeoutMs: number;
  /** From there until the whole request is there. */
  readonly requestTimeoutMs: number;
  /** How often these two are checked. */
  readonly timeoutCheckMs: number;
  /** How long a connection may stay silent in the middle of a request or a response. */
  readonly silenceTimeoutMs: number;
  /** How long it may wait for the next request. Longer than usual balancers wait (60 s): the sender has to close. */
  readonly keepAliveTimeoutMs: number;
  readonly requestsPerConnection: number;
  /** Connections at once; further ones are closed without a response. */
  readonly connections: number;
  /**
   * Connections at once from one address, or one /64 of IPv6; further ones are closed without a response. Trusted proxies have no
   * such limit.
   */
  readonly connectionsPerAddress: number;
  /** Requests that are worked on at once; further ones get 503. */
  readonly requestsInFlight: number;
  /** Mean delay of the event loop at which requests begin to get 503. */
  readonly eventLoopDelayMs: number;
  /** The time over which that mean is taken. */
  readonly eventLoopSampleMs: number;
}

export const defaultServerLimits: ServerLimits = {
  headersBytes: 16 * 1024,
  urlBytes: 8 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  timeoutCheckMs: 2_000,
  silenceTimeoutMs: 60_000,
  keepAliveTimeoutMs: 72_000,
  requestsPerConnection: 1_000,
  connections: 5_000,
  connectionsPerAddress: 256,
  requestsInFlight: 1_000,
  eventLoopDelayMs: 1_000,
  eventLoopSampleMs: 1_000,
};
