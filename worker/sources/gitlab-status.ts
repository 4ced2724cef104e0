import type { RunStatus } from "../wire/events.ts";

const KNOWN: Record<string, RunStatus> = {
	created: "queued",
	waiting_for_resource: "queued",
	waiting_for_callback: "queued",
	preparing: "queued",
	pending: "queued",
	scheduled: "queued",
	manual: "queued", // it waits for a person
	running: "running",
	canceling: "running",
	success: "success",
	failed: "failure",
	canceled: "cancelled",
	skipped: "cancelled",
};

/** GitLab's status as one of our five; one not known here goes on until it has an end, and then counts as cancelled. */
export function gitlabStatus(status: string | null, finishedAt: number | null): RunStatus {
	return (status !== null && Object.hasOwn(KNOWN, status) ? KNOWN[status] : undefined) ?? (finishedAt === null ? "running" : "cancelled");
}

/** Whether nothing more is to come. */
export function isFinal(status: RunStatus): boolean {
	return status !== "queued" && status !== "running";
}
