import type { RunStatus } from "../wire/events.ts";

// Maps, not objects: a status called "constructor" must not find one.
const OPEN = new Map<string | null, RunStatus>(
	Object.entries<RunStatus>({
		queued: "queued",
		waiting: "queued",
		pending: "queued",
		requested: "queued",
		in_progress: "running",
	}),
);

const CONCLUDED = new Map<string | null, RunStatus>(
	Object.entries<RunStatus>({
		success: "success",
		failure: "failure",
		timed_out: "failure",
		startup_failure: "failure",
		action_required: "failure",
		cancelled: "cancelled",
		skipped: "cancelled",
		neutral: "cancelled",
		stale: "cancelled",
	}),
);

/**
 * GitHub's pair of status and conclusion as one of our five.
 * A conclusion not known here (or none) on a completed run counts as cancelled: neither a success nor a failure may be made up, and
 * the word itself stays in `conclusionRaw`. A status not known here means that it goes on.
 */
export function githubStatus(status: string | null, conclusion: string | null): RunStatus {
	if (status !== "completed") return status === null ? "queued" : (OPEN.get(status) ?? "running");
	return CONCLUDED.get(conclusion) ?? "cancelled";
}
