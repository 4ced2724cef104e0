import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

/** Every webhook secret of a development set-up, so that recorded payloads verify. */
export const CORPUS_SECRET = "corpus-secret";

const OLD_RUN_ID = "289782451"; // the run of the recorded payload
const MARK = { runId: "@@run@@", createdAt: "@@created@@", startedAt: "@@started@@", updatedAt: "@@updated@@" };

/** The recorded 19 KB `workflow_run` payload, as text. */
export function recordedRun() {
	return readFileSync(new URL("../fixtures/github/workflow_run.1.completed.json", import.meta.url), "utf8");
}

/** GitHub's `X-Hub-Signature-256` over the raw bytes. */
export function signGithub(body, secret = CORPUS_SECRET) {
	return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/**
 * A recorded `workflow_run` payload made re-stampable: the answer fills in a run id, times (epoch ms) and a phase by joining
 * strings, thousands of times faster than parsing 19 KB each time.
 * @param {string} text the recorded payload
 * @returns {(stamp: {runId: number, at: number, phase?: "requested"|"in_progress"|"completed", attempt?: number, durationMs?: number}) => string}
 */
export function runTemplate(text = recordedRun()) {
	const byPhase = new Map(["requested", "in_progress", "completed"].map((phase) => [phase, compile(text, phase)]));
	return ({ runId, at, phase = "completed", attempt = 1, durationMs = 60_000 }) => {
		const parts = byPhase.get(phase);
		const updated = phase === "completed" ? at + durationMs : phase === "in_progress" ? at + 1000 : at;
		const values = { runId, createdAt: iso(at), startedAt: iso(at), updatedAt: iso(updated), attempt };
		let body = "";
		for (const part of parts) body += part.text ?? values[part.value];
		return body;
	};
}

// GitHub sends whole seconds.
const iso = (at) => new Date(Math.floor(at / 1000) * 1000).toISOString().replace(".000Z", "Z");

function compile(text, phase) {
	const payload = JSON.parse(text.replaceAll(OLD_RUN_ID, MARK.runId).replaceAll(`:${MARK.runId}`, `:"${MARK.runId}"`));
	payload.action = phase;
	Object.assign(payload.workflow_run, {
		id: MARK.runId,
		run_attempt: "@@attempt@@",
		created_at: MARK.createdAt,
		run_started_at: MARK.startedAt,
		updated_at: MARK.updatedAt,
		status: phase === "requested" ? "queued" : phase,
		conclusion: phase === "completed" ? "success" : null,
	});
	const marked = JSON.stringify(payload).replaceAll(/"(@@run@@|@@attempt@@)"/g, "$1");
	return marked.split(/(@@\w+@@)/).map((piece) => (piece.startsWith("@@") ? { value: fieldOf(piece) } : { text: piece }));
}

function fieldOf(mark) {
	if (mark === "@@attempt@@") return "attempt";
	return Object.keys(MARK).find((key) => MARK[key] === mark);
}

/** Headers of a GitHub delivery of this body. */
export function githubHeaders(body, { event = "workflow_run", deliveryId = randomUUID(), secret = CORPUS_SECRET } = {}) {
	return {
		"content-type": "application/json",
		"user-agent": "GitHub-Hookshot/bench",
		"x-github-event": event,
		"x-github-delivery": deliveryId,
		"x-hub-signature-256": signGithub(body, secret),
	};
}
