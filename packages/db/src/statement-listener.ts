/** Hears what statements and connections cost, in the asynchronous context of whoever has sent them. */
export interface StatementListener {
  /** A statement, whose text has placeholders for values, has succeeded after so many milliseconds. */
  readonly onStatement: (milliseconds: number, text: string) => void;
  /** A connection was lent after so many milliseconds. */
  readonly onConnection: (milliseconds: number) => void;
}

/** How many connections there are, how many of them nobody uses, and how many callers wait for one. */
export interface ConnectionCounts {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}
