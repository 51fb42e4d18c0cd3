import { createClient } from "@obsqra/client";

const obsqra = createClient({
  url: "http://localhost:8000",
  timeoutMs: 20_000,
  maxRetries: 3,
  onRequest: ({ headers }) => {
    // With OpenTelemetry: propagation.inject(context.active(), headers);
    headers.traceparent = `00-${hex(16)}-${hex(8)}-01`;
  },
  onResponse: ({ request, status, durationMs, request_id }) => {
    console.log(
      `${request.method} ${request.calls.join(" ")} ${status} ${Math.round(durationMs)} ms ${request_id}`,
    );
  },
});

// This one is not worth waiting for.
const { version } = await obsqra.service.version.query(undefined, {
  context: { timeoutMs: 5_000, maxRetries: 0 },
});
console.log(`version ${version}`);

function hex(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
