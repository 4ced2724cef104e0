import { randomUUID } from "node:crypto";
import { githubHeaders, recordedRun, runTemplate } from "../support/sign.mjs";
import { requestBytes } from "./load.mjs";

const stamp = runTemplate();
const REPOSITORY_ID = JSON.parse(recordedRun()).repository.id;
let lastRunId = 9_000_000_000;

/** The id the product gives a run of the recorded repository. */
export function productRunId(runId) {
	return `github-${REPOSITORY_ID}-${runId}`;
}

/** A run number nobody has used in this process. */
export function nextRunId() {
	return ++lastRunId;
}

/** A signed webhook about a run that began about a minute ago, as bytes, with what it is about beside it. */
export function webhook({ url, path, runId = nextRunId(), phase = "completed", at = Date.now() - 61_000 }) {
	const deliveryId = randomUUID();
	const body = stamp({ runId, at, phase });
	const bytes = requestBytes({ method: "POST", url, path, headers: githubHeaders(body, { deliveryId }), body });
	return { runId: productRunId(runId), deliveryId, phase, body, bytes };
}

/** As many webhooks about as many new runs. */
export function webhooks(product, count) {
	return Array.from({ length: count }, () => webhook({ url: product.url, path: product.team.webhooks.github.path }));
}

/** Remember which runs the product has said yes to. @returns how many answers were no or none */
export function noteAnswers(product, sent, answers) {
	let refused = 0;
	for (const [n, { status, body }] of answers.entries()) {
		if (status >= 200 && status < 300) product.accepted.add(sent[n].runId);
		else if (refused++ === 0) console.error(`first refusal: ${status} ${body.slice(0, 200)}`);
	}
	return refused;
}
