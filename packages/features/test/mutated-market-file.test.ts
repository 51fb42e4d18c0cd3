import { describeMutations } from "./market-files/mutated-cells.ts";

describeMutations(60);
