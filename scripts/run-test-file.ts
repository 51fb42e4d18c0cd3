import { startVitest } from "vitest/node";

/**
 * Runs the long form of a test file.
 *
 * @param file from the root
 * @returns the exit code: 1 when a test failed
 */
export async function runTestFile(
  file: string,
  options: Pick<NonNullable<Parameters<typeof startVitest>[2]>, "project" | "provide">,
): Promise<number> {
  const vitest = await startVitest("test", [file], { ...options, reporters: ["dot"], watch: false });
  const isGood = vitest.state.getCountOfFailedTests() === 0 && vitest.state.getUnhandledErrors().length === 0;
  await vitest.close();
  return isGood ? 0 : 1;
}
