import type { DeploymentEvent, Normalised } from "../wire/events.ts";
import { componentOf, idPart } from "./deployment.ts";
import { asObject, child, type Json, missing, readName, readTime, readUrl } from "./read.ts";
import { presentsSecret } from "./secrets.ts";
import type { WebhookSource } from "./source.ts";

const MIB = 2 ** 20;
/** `dev.cdevents.service.upgraded.0.3.0` in its parts. */
const TYPE = /^dev\.cdevents\.(\w+)\.(\w+)(?:\.|$)/;
const DEPLOYS = new Set(["deployed", "upgraded", "rolledback"]);

/** The event itself: the body in binary mode, its `data` in structured mode. */
function eventOf(body: Json): Json {
	const data = asObject(body.data);
	return data && asObject(data.context) ? data : body;
}

function typeOf(body: Json, headers: Headers): string | null {
	return readName(child(eventOf(body), "context").type) ?? readName(body.type) ?? readName(headers.get("ce-type"));
}

/** What a package URL says of the version: a tag, else the version itself; a digest also as an image. @source https://github.com/package-url/purl-spec */
function versionOfPurl(purl: string): { version: string; commit: string | null; images: string[] } | null {
	const parts = /^pkg:([\w.+-]+)\/([^@?#]+)(?:@([^?#]+))?(?:\?([^#]*))?/.exec(purl);
	const name = decode(parts?.[2]);
	const version = decode(parts?.[3]);
	const qualifiers = new URLSearchParams(parts?.[4] ?? "");
	const tag = readName(qualifiers.get("tag"));
	if (!parts || name === null || (version === null && tag === null)) return null;
	const image = qualifiers.get("repository_url") ?? name;
	const digest = version !== null && /^sha256:[0-9a-f]{64}$/i.test(version) ? version : null;
	const commit = version !== null && /^[0-9a-f]{40}$/i.test(version) ? version : null;
	return {
		version: tag ?? (digest ? digest.slice("sha256:".length, "sha256:".length + 12) : (commit?.slice(0, 7) ?? version ?? "unknown")),
		commit,
		images: digest ? [`${image}${tag ? `:${tag}` : ""}@${digest}`] : tag ? [`${image}:${tag}`] : [],
	};
}

function decode(text: string | undefined): string | null {
	try {
		return readName(decodeURIComponent(text ?? ""));
	} catch {
		return readName(text);
	}
}

function normaliseService(event: Json, predicate: string): Normalised {
	const context = child(event, "context");
	const subject = child(event, "subject");
	const content = child(subject, "content");
	const [id, service] = [readName(context.id), readName(subject.id)];
	const at = readTime(context.timestamp);
	const environment = readName(child(content, "environment").id);
	const artifact = versionOfPurl(readName(content.artifactId) ?? "");
	if (id === null || service === null || at === null || environment === null || artifact === null) {
		return {
			kind: "invalid",
			fields: missing({
				"context.id": id,
				"context.timestamp": at,
				"subject.id": service,
				"subject.content.environment.id": environment,
				"subject.content.artifactId": artifact,
			}),
		};
	}
	const component = componentOf(service);
	const key = `${idPart(component)}-${predicate}-${idPart(id)}`;
	const deployment: DeploymentEvent = {
		type: "deployment",
		id: `cdevents-${key}`,
		source: "cdevents",
		externalId: id,
		environment,
		component,
		version: artifact.version,
		commit: artifact.commit,
		ref: null,
		repo: null,
		status: "success",
		statusRaw: predicate,
		startedAt: null, // it is told of when it is done
		finishedAt: at,
		updatedAt: at,
		inactiveAt: null,
		actor: null,
		isRollback: predicate === "rolledback",
		rollbackId: null,
		reason: null,
		title: null,
		url: readUrl(content.uri),
		images: artifact.images,
	};
	return { kind: "events", events: [deployment] };
}

/** CDEvents in CloudEvents, binary or structured: services that were deployed, upgraded or rolled back. */
export const cdevents: WebhookSource = {
	id: "cdevents",
	label: "CDEvents",
	maxBytes: () => MIB,
	contentTypes: ["application/json", "application/cloudevents+json"],
	verify: presentsSecret,
	// An id is unique within its source only; and senders use one id for all that came of one cause.
	deliveryId: (headers) => {
		const id = readName(headers.get("ce-id"));
		const [, subject = "", predicate = ""] = TYPE.exec(headers.get("ce-type") ?? "") ?? [];
		return id === null ? null : [id, subject, predicate, readName(headers.get("ce-source"))].filter(Boolean).join(" ");
	},
	eventHeader: "ce-type",
	event: (headers, body) => readName(headers.get("ce-type")) ?? typeOf(body, headers) ?? "unknown",
	normalise: (body, headers) => {
		const type = typeOf(body, headers) ?? "unknown";
		const [, subject = "", predicate = ""] = TYPE.exec(type) ?? [];
		if (subject !== "service" || !DEPLOYS.has(predicate)) return { kind: "ignored", reason: `event type ${type} is not used` };
		return normaliseService(eventOf(body), predicate);
	},
};
