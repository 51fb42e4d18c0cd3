import { describeAllocationProperties } from "../test-support/allocation-properties.ts";

describeAllocationProperties(50);
