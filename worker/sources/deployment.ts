import type { DeploymentStatus } from "../wire/deployments.ts";
import { CONTROLS } from "./read.ts";

/** What the sources of deployments have in common. */

/** A version has numbers with dots; a branch seldom does. */
const VERSION = /^(?:refs\/tags\/)?(v?\d+(?:\.\d+)+(?:[-+.][\w.+-]*)?)$/i;

/** What a deployment's version is called: what its sender says, else a tag that reads like one, else the commit in short. */
export function versionOf({ said, ref, commit }: { said: string | null; ref: string | null; commit: string | null }): string {
	return said ?? VERSION.exec(ref ?? "")?.[1] ?? shortSha(commit) ?? ref ?? "unknown";
}

function shortSha(commit: string | null): string | null {
	return commit !== null && /^[0-9a-f]{40,64}$/i.test(commit) ? commit.slice(0, 7) : commit;
}

/** The last part of a repository's path, which is what people call what is in it. */
export function componentOf(repo: string): string {
	return repo.split("/").filter(Boolean).at(-1) ?? repo;
}

/** When something began and ended, by the moment at which it came into a state. */
export function timesOf(status: DeploymentStatus | null, at: number | null) {
	const isOver = status !== null && status !== "queued" && status !== "running";
	return { startedAt: status === "running" ? at : null, finishedAt: isOver ? at : null };
}

/** A name as part of an id. */
export function idPart(name: string): string {
	return name
		.replace(CONTROLS, "")
		.replaceAll(/[\s/\\]+/g, "_")
		.slice(0, 120);
}
