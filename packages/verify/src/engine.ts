/** The engine that runs the verifier is too old for it. */
export class UnsupportedEngineError extends Error {
  override readonly name = "UnsupportedEngineError";
}

/**
 * Refuses to judge where it cannot compute: to an engine that lacks something, every forecast would look changed.
 *
 * @throws UnsupportedEngineError
 */
export function refuseOldEngines(): void {
  // The newest of what the verifier uses.
  if (typeof Map.groupBy === "function") return;
  throw new UnsupportedEngineError(
    "This engine has no Map.groupBy. Use Node 22 or newer, or a browser of 2024 or newer.",
  );
}
