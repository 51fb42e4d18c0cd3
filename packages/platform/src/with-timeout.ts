/**
 * Waits for work that may take too long; it goes on all the same, and what it then gives is forgotten.
 *
 * @param lateMessage of the error that is thrown in its place
 * @throws what the work throws; Error when it takes longer
 */
export async function withTimeout<TResult>(
  work: Promise<TResult>,
  timeoutMs: number,
  lateMessage: string,
): Promise<TResult> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(lateMessage)), timeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
