import type { DispatcherKind } from "#worker/domains/deployments/dispatch";
import type { GateAnswer } from "#worker/domains/deployments/gate";
import type { DeployRequest } from "#worker/domains/deployments/requests.server";
import type { CommitLine } from "#worker/domains/git/between.server";
import type { DeploymentRow, Lock } from "#worker/wire/deployments";

/** What the deploy form asks for, and what it shows beside it. */

export type DeployFields = { component: string; version: string; environment: string };

/** What stands before a deployment that is filled in. */
export type DeployPreview = {
	gate: GateAnswer;
	/** Who is told to carry it out; null where nobody is connected that could. */
	dispatcher: { id: string; kind: DispatcherKind } | null;
	environment: { id: string; name: string; isProduction: boolean; needsApprover: boolean; lock: Lock | null };
	current: DeploymentRow | null;
	/** The deployment of this version that was seen anywhere, newest first. */
	seen: DeploymentRow | null;
	commits: CommitLine[] | null;
	openRequests: DeployRequest[];
};

/** The three fields, as an address or a form has them. */
export function readDeployFields(search: URLSearchParams): DeployFields {
	const text = (name: string) => (search.get(name) ?? "").trim().slice(0, 255);
	return { component: text("component"), version: text("version"), environment: text("environment") };
}

/** Whether there is enough to say what stands before it. */
export function isFilled({ component, version, environment }: DeployFields): boolean {
	return component !== "" && version !== "" && environment !== "";
}

const KINDS: Record<DispatcherKind, string> = {
	"github-workflow": "a GitHub workflow",
	"github-dispatch": "GitHub, as a repository event",
	"gitlab-trigger": "a GitLab pipeline",
	webhook: "a signed webhook",
};

/** Who carries it out, in words. */
export function dispatcherWords(kind: DispatcherKind): string {
	return KINDS[kind];
}

/** A request as one line says how it stands. */
export function requestWords({ state, dispatcherKind, message, approvedBy }: DeployRequest): string {
	switch (state) {
		case "waiting":
			return "waits for a second person";
		case "sent":
			return `sent to ${dispatcherKind === null ? "who deploys it" : dispatcherWords(dispatcherKind)}${approvedBy === null ? "" : `, approved by ${approvedBy}`}`;
		case "failed":
			return `not sent: ${message ?? "nobody took it"}`;
		case "declined":
			return `declined${message === null ? "" : `: ${message}`}`;
	}
}
