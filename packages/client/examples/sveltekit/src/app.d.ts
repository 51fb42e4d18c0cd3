import type { ObsqraClient } from "@obsqra/client";

declare global {
  namespace App {
    interface Locals {
      obsqra: ObsqraClient;
    }
  }
}
