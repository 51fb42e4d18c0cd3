import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

export const operationsErrors = {
  OPERATOR_REQUIRED: defineError({
    trpcCode: "FORBIDDEN",
    title: "Operators only",
    details: z.undefined(),
    message: () => "Only operators of this service may do this.",
    cause: "The account has no operator's rights, or no longer. They are given and withdrawn at the machine.",
    remedy: "Whoever runs the service gives them: pnpm accounts grant-operator --email ADDRESS.",
  }),
  JOB_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such job",
    details: z.object({ job: z.string(), known: z.array(z.string()).describe("The jobs that there are") }),
    message: ({ job, known }) => `There is no job ${job}: there are ${known.join(", ")}.`,
    cause: "No job of this version has the name.",
    remedy: "Take a name from GET /api/v1/operations/jobs.",
    exampleDetails: { job: "market.reload", known: ["market.refresh", "predictions.renew"] },
  }),
} as const;
