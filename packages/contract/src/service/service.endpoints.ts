import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import { serviceVersion } from "./service.schema.ts";

export const serviceEndpoints = {
  version: defineEndpoint({
    kind: "query",
    access: "public",
    rest: { method: "GET", path: "/version", status: 200 },
    summary: "Which version of the service this is, and of its contract",
    input: z.undefined(),
    output: serviceVersion,
    errors: [],
    revalidates: true,
  }),
} as const;
