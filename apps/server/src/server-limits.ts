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
  /** How long a request may take to come before its connection makes room for others where there are few left. */
  readonly bodyGraceMs: number;
  /** How often the two timeouts are checked, and whether what comes becomes a request. */
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
  /**
   * Requests within a second from one address, or one /64 of IPv6, and three seconds' worth at once, whatever they ask for; who sends
   * more is cut off. Trusted proxies have no such limit.
   */
  readonly requestsPerSecondOfAddress: number;
  /**
   * WebSockets at once. With the 4,000 streams that there may be, they leave a tenth of the connections to requests, whoever else
   * has one open.
   */
  readonly webSockets: number;
  /** WebSockets at once from one address, or one /64 of IPv6, also through a trusted proxy. */
  readonly webSocketsPerAddress: number;
  /**
   * A message of a WebSocket, in bytes; a longer one ends it before it is read. Twenty subscriptions in one message take half as many,
   * and an access token some hundreds.
   */
  readonly webSocketMessageBytes: number;
  /** Frames that a message of a WebSocket may come in; more end it. */
  readonly webSocketFragments: number;
  /** Messages, pings and pongs on a WebSocket within a minute, and as many errors as it has caused; more end it. */
  readonly webSocketMessagesPerMinute: number;
  /** How long the other end of a WebSocket may be silent before it is asked whether it is there. */
  readonly webSocketSilenceMs: number;
  /** How long it has to answer before the connection is cut. */
  readonly webSocketAnswerMs: number;
  /**
   * Over this time the readers of a server that stops are told to go on elsewhere, so that not all of them come there at once. After
   * as long again a connection is closed.
   */
  readonly webSocketHandOverMs: number;
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
  bodyGraceMs: 2_000,
  timeoutCheckMs: 2_000,
  silenceTimeoutMs: 60_000,
  keepAliveTimeoutMs: 72_000,
  requestsPerConnection: 1_000,
  connections: 6_000,
  connectionsPerAddress: 256,
  requestsPerSecondOfAddress: 200,
  webSockets: 1_400,
  webSocketsPerAddress: 100,
  webSocketMessageBytes: 8 * 1024,
  webSocketFragments: 16,
  webSocketMessagesPerMinute: 300,
  webSocketSilenceMs: 15_000,
  webSocketAnswerMs: 10_000,
  webSocketHandOverMs: 1_000,
  requestsInFlight: 1_000,
  eventLoopDelayMs: 1_000,
  eventLoopSampleMs: 1_000,
};
