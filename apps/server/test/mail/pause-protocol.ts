import { setProtocolStatus } from "@obsqra/features";
import type { TestApi } from "@obsqra/features/testing";

/** Decides about nostra as an operator does. */
export async function setNostra(deps: TestApi["deps"], status: "active" | "paused"): Promise<void> {
  const evidenceUrl = "https://example.org/post-mortem";
  await setProtocolStatus(deps, {
    protocol: "nostra",
    status,
    since: undefined,
    evidenceUrl,
    reason: undefined,
  });
}
