/** What a subscription gives, again and again. */
export interface StreamMessage {
  /** Where to go on after it. */
  readonly id: string;
  readonly data: object;
}

/** Messages that are there at once; none where a reader is only told that the stream is alive, and where it stands. */
export interface StreamBatch {
  readonly messages: readonly StreamMessage[];
  /** Where to go on after all of it. */
  readonly id: string;
}

/** A stream that was opened, and has to be closed. */
export interface OpenSubscription {
  /**
   * Waits for what comes next.
   *
   * @returns undefined when the stream has ended, and its reader should open another one from the last id
   * @throws what it ended with
   */
  next(): Promise<StreamBatch | undefined>;
  close(): void;
}

/** What the service of a subscription gives: nothing is taken before it is opened. */
export interface Subscription {
  /** @throws AppError before there is any stream */
  open(): Promise<OpenSubscription>;
}
