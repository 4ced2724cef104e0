import type { ComponentState, DeploymentRow, RollbackRow } from "#worker/wire/deployments";
import { formatDuration } from "../../format/duration.ts";
import type { Tone } from "../runs/Verdict.tsx";

/** What is said of one deployment first: what it did, and whether it hurt. Pure. */

type Facts = {
	deployment: DeploymentRow;
	before: DeploymentRow | null;
	after: DeploymentRow | null;
	/** Its component as it stands now, where the deployment is the newest there. */
	now: ComponentState | null;
	rollback: RollbackRow | null;
};

export type DeploymentVerdict = { sentence: string; tone: Tone };

/** The verdict on a deployment. */
export function deploymentVerdict({ deployment, before, after, now, rollback }: Facts): DeploymentVerdict {
	const { component, version, environment, status, isRollback, durationMs } = deployment;
	const what = `${component} ${version}`;
	const took = durationMs === null ? "" : ` in ${formatDuration(durationMs)}`;
	const isNewest = after === null;
	switch (status) {
		case "failure":
			return { sentence: `${what} failed in ${environment}${deployment.reason === null ? "" : `: ${deployment.reason}`}`, tone: "failing" };
		case "cancelled":
			return { sentence: `${what} was cancelled on its way to ${environment}`, tone: "unknown" };
		case "queued":
			return { sentence: `${what} waits to be deployed to ${environment}`, tone: "unknown" };
		case "running":
			return {
				sentence: `${what} is being ${isRollback ? "put back in" : "deployed to"} ${environment}`,
				tone: "running",
			};
		case "success": {
			const wasTakenBack = rollback !== null && rollback.from.deploymentId === deployment.id && rollback.state === "succeeded";
			if (wasTakenBack) {
				const after = formatDuration(rollback.requestedAt - (deployment.finishedAt ?? deployment.startedAt));
				return { sentence: `${what} was rolled back from ${environment} after ${after}`, tone: "failing" };
			}
			if (isNewest && now?.health === "failing")
				return { sentence: `${what} came to ${environment}, and it is failing: ${now.sentence}`, tone: "failing" };
			const replaced = before === null ? "" : `, replacing ${before.version}`;
			return { sentence: `${what} ${isRollback ? "was put back in" : "came to"} ${environment}${took}${replaced}`, tone: "quiet" };
		}
	}
}
