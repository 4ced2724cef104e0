import { imageParts } from "../domains/deployments/matching.ts";
import type { DeploymentStatus } from "../wire/deployments.ts";
import type { DeploymentEvent, Normalised } from "../wire/events.ts";
import { componentOf, idPart, versionOf } from "./deployment.ts";
import { child, children, type Json, missing, readArray, readLine, readName, readTime, readUrl } from "./read.ts";
import { presentsSecret } from "./secrets.ts";
import type { WebhookSource } from "./source.ts";

const MIB = 2 ** 20;
/** An application that falls ill later than this after a sync was not broken by it. */
const SETTLES_MS = 10 * 60_000;
const IMAGES_MAX = 20;

const PHASES = new Map<string, DeploymentStatus>([
	["Running", "running"],
	["Terminating", "running"],
	["Succeeded", "success"],
	["Failed", "failure"],
	["Error", "failure"],
]);

/** `https://github.com/acme/deploy.git` and `git@github.com:acme/deploy.git` as `acme/deploy`. */
function repoOf(url: string | null): string | null {
	return /(?:\/\/[^/]+\/|^[^@\s]+@[^:]+:)(.+?)(?:\.git)?\/?$/.exec(url ?? "")?.[1] ?? null;
}

/** The version by the images that the application has once it is synced; two tags of one image at once tell nothing. */
function versionInImages(images: readonly string[], component: string): string | null {
	const own = images.map(imageParts).filter(({ name }) => componentOf(name) === component);
	const tags = new Set((own.length > 0 ? own : images.length === 1 ? images.map(imageParts) : []).map(({ tag }) => tag));
	return tags.size === 1 ? ([...tags][0] ?? null) : null;
}

/** Whether a revision comes back: it was there before, and another one after it. */
function isReturn(history: readonly Json[], revision: string, startedAt: number): boolean {
	const before = history.filter((entry) => (readTime(entry.deployedAt) ?? 0) < startedAt).map((entry) => readName(entry.revision));
	return before.includes(revision) && before.at(-1) !== revision;
}

function normaliseApp(body: Json): Normalised {
	const app = child(body, "app");
	const metadata = child(app, "metadata");
	const spec = child(app, "spec");
	const status = child(app, "status");
	const operation = child(status, "operationState");
	const asked = child(operation, "operation");
	const name = readName(metadata.name);
	const phase = readName(operation.phase);
	if (name !== null && phase === null) return { kind: "ignored", reason: "this application was never synced" };
	const startedAt = readTime(operation.startedAt);
	const revision =
		readName(child(operation, "syncResult").revision) ??
		readName(child(asked, "sync").revision) ??
		readName(child(status, "sync").revision) ??
		readName(readArray(child(status, "sync").revisions)[0]);
	if (name === null || startedAt === null || revision === null) {
		return {
			kind: "invalid",
			fields: missing({
				"app.metadata.name": name,
				"app.status.operationState.startedAt": startedAt,
				"app.status.operationState.operation.sync.revision": revision,
			}),
		};
	}
	const endedAt = readTime(operation.finishedAt);
	const health = child(status, "health");
	const illAt = readTime(health.lastTransitionTime) ?? readTime(status.reconciledAt) ?? endedAt;
	const isIll = phase === "Succeeded" && readName(health.status) === "Degraded" && illAt !== null;
	if (isIll && endedAt !== null && illAt - endedAt > SETTLES_MS) {
		return { kind: "ignored", reason: "an application that fell ill long after its sync is not a deployment" };
	}
	const state = isIll ? "failure" : (PHASES.get(phase ?? "") ?? "running");
	const labels = child(metadata, "labels");
	const component = readName(body.component) ?? name;
	const images = readArray(child(status, "summary").images)
		.flatMap((image) => readName(image) ?? [])
		.slice(0, IMAGES_MAX);
	// Before a sync has succeeded these are the images of the version before it.
	const itsImages = phase === "Succeeded" ? images : [];
	const isOver = state !== "running";
	const by = child(asked, "initiatedBy");
	const source = Object.keys(child(spec, "source")).length > 0 ? child(spec, "source") : (children(spec, "sources")[0] ?? {});
	const key = `${idPart(readName(metadata.namespace) ?? "argocd")}-${idPart(name)}-${revision.slice(0, 7)}-${Math.round(startedAt / 1000)}`;
	const event: DeploymentEvent = {
		type: "deployment",
		id: `argocd-${key}`,
		source: "argocd",
		externalId: key,
		environment:
			readName(body.environment) ??
			readName(labels.environment) ??
			readName(labels.env) ??
			readName(child(spec, "destination").namespace) ??
			readName(spec.project) ??
			"default",
		component,
		version: versionOf({ said: versionInImages(itsImages, component), ref: null, commit: revision }),
		commit: revision,
		ref: readName(source.targetRevision),
		repo: readName(repoOf(readName(source.repoURL))),
		status: state,
		statusRaw: isIll ? "Degraded" : phase,
		startedAt,
		finishedAt: isOver ? (isIll ? illAt : endedAt) : null,
		updatedAt: (isIll ? illAt : endedAt) ?? startedAt,
		inactiveAt: null,
		actor: readName(by.username) ?? (by.automated === true ? "Argo CD auto-sync" : null),
		isRollback: isReturn(children(status, "history"), revision, startedAt),
		rollbackId: null,
		reason: state === "failure" ? (readLine(isIll ? health.message : operation.message) ?? readLine(operation.message)) : null,
		title: null,
		url: readUrl(body.url),
		images: itsImages,
	};
	return { kind: "events", events: [event] };
}

/** Argo CD's notifications, with the template of docs/argocd: the whole application, each time a sync begins, ends or goes wrong. */
export const argocd: WebhookSource = {
	id: "argocd",
	label: "Argo CD",
	maxBytes: () => MIB,
	contentTypes: ["application/json"],
	verify: presentsSecret,
	// Argo CD numbers nothing: the body's hash tells a repeat.
	deliveryId: () => null,
	eventHeader: "x-opssight-event",
	event: (headers, body) => readName(headers.get("x-opssight-event")) ?? (body.app === undefined ? "unknown" : "sync"),
	normalise: (body, headers) => {
		if (argocd.event(headers, body) === "ping") return { kind: "ignored", reason: "ping" };
		return normaliseApp(body);
	},
};
