/** Asks for a URL, like the global `fetch`. */
export type Fetch = (url: string) => Promise<Response>;

/** Posts JSON to a URL. */
export type Post = (url: string, body: string) => Promise<Response>;

/** Where trees of a log are anchored. */
export interface AnchorPlace {
  /** Address of the contract on Starknet. */
  readonly contract: string;
  /** A node of Starknet that you believe, by its JSON-RPC. */
  readonly rpcUrl: string;
  /** @default by the global fetch, with a minute for each answer */
  readonly post?: Post;
}

/** What a forecast is checked with. */
export interface VerifyOptions {
  /** Asks for the log's files. @default the global one, with a minute for each file */
  readonly fetch?: Fetch;
  /** Where the log is. @default what the receipt says */
  readonly logUrl?: string;
  /** A key of the log that you know from elsewhere, as C2SP signed-note writes it. */
  readonly trustedKey?: string;
  /** Keys of witnesses, all of which have to have cosigned in time. @default none */
  readonly witnesses?: readonly string[];
  /** A contract that keeps trees of the log, of which one has to have it in time. @default none is asked */
  readonly anchor?: AnchorPlace;
  /** A checkpoint of the log that you have kept, which the log has to continue. */
  readonly knownCheckpoint?: string;
  /** The id of the forecast that you asked about. @default whichever the receipt is of */
  readonly forecastId?: string;
  /** Whether the forecast is made again from model and data, which are some megabytes. @default true */
  readonly reExecute?: boolean;
  /** The forecast as the service has answered it to you, an item of risk-forecast or yield-forecast. */
  readonly answer?: Readonly<Record<string, unknown>>;
}

/** Which forecasts of which service. */
export interface TrackRecordRange {
  /** Of the service, such as `https://service.example`. */
  readonly url: string;
  /** As of this day or later, ISO 8601. @default the first */
  readonly from?: string;
  /** As of before this day. @default the last */
  readonly to?: string;
}

/** What a track record is checked with. */
export interface VerifyTrackRecordOptions {
  /** @default the global one, with a minute for each file */
  readonly fetch?: Fetch;
  /** A key of the log that you know from elsewhere, as C2SP signed-note writes it. */
  readonly trustedKey?: string;
  /** Keys of witnesses, one of which has to have cosigned in time what counts. @default none */
  readonly witnesses?: readonly string[];
  /** A checkpoint of the log that you have kept, which the log has to continue. */
  readonly knownCheckpoint?: string;
  /** Waits where the service asks for it. @default by a timer */
  readonly pause?: (milliseconds: number) => Promise<void>;
  /** Is told how many of the log's entries were read. */
  readonly onProgress?: (entries: number, size: number) => void;
}
