/** Faults that `POST /dev/faults` injects, in development on loopback only. One per process: ledger and Worker share it. */
export type D1Fault = "ok" | "error" | "hang";

let fault: D1Fault = "ok";

/** What D1 does at the moment. */
export function currentD1Fault(): D1Fault {
	return fault;
}

/** Make D1 fail, hang or work again. */
export function setD1Fault(next: D1Fault): void {
	fault = next;
}

/** A D1 binding whose every query fails, or never answers. */
export function failingD1(kind: "error" | "hang"): D1Database {
	const fail = (): Promise<never> =>
		kind === "hang" ? new Promise(() => {}) : Promise.reject(new Error("D1_ERROR: injected by /dev/faults"));
	const statement = { bind: () => statement, first: fail, run: fail, all: fail, raw: fail };
	return { prepare: () => statement, batch: fail, exec: fail, dump: fail } as unknown as D1Database;
}
