/** Whoever asks while the work is under way gets what it gives. */
export function share<TResult>(work: () => Promise<TResult>): () => Promise<TResult> {
  let underWay: Promise<TResult> | undefined;
  return () => {
    underWay ??= work().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
