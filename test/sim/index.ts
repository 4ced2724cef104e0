// What `npm run simulate` runs.
import * as machine from "#worker/wire/rollback";

export { firstViolation, MUTANTS, machineSource, mutate, RIGS } from "./mutants";
export { simulate } from "./world";
export { machine };
