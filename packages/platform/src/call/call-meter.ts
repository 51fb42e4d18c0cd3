/** Measures calls, for operators. */
export interface CallMeter {
  /**
   * Runs a call and measures it, with what it asks of the database meanwhile.
   *
   * @param path the procedure's, of which there are as many as the contract has
   * @throws what the call throws
   */
  measure<TResult>(path: string, call: () => Promise<TResult>): Promise<TResult>;
}
