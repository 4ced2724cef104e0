import { type D1Binding, Database } from "../database.ts";

/** Faults that `POST /dev/faults` injects, in development on loopback only. One per process: ledger and Worker share it. */
export type D1Fault = "ok" | "error" | "hang";

let fault: D1Fault = "ok";

/** Open the database a binding names, or the fault that stands in for it; with `patienceMs` no answer is waited for any longer. */
export function openDatabase(d1: D1Binding, patienceMs: number | null = null): Database {
	return new Database(fault === "ok" ? d1 : failingD1(fault), patienceMs);
}

/** Make D1 fail, hang or work again. */
export function setD1Fault(next: D1Fault): void {
	fault = next;
}

/** A D1 binding whose every query fails, or never answers. */
function failingD1(kind: "error" | "hang"): D1Binding {
	const fail = (): Promise<never> =>
		kind === "hang" ? new Promise(() => {}) : Promise.reject(new Error("D1_ERROR: injected by /dev/faults"));
	const prepared: ReturnType<D1Binding["prepare"]> = { bind: () => prepared, all: fail };
	return { prepare: () => prepared, batch: fail };
}
