import { z } from "zod";
import { type Normalised, RUN_STATUSES, type RunEvent } from "../wire/events.ts";
import { fieldsOf } from "../wire/fields.ts";
import { DeploymentRequest, derivedId, toDeploymentEvent } from "./deployment-request.ts";
import { PREFIXED_SOURCES } from "./prefixes.ts";
import { between, CONTROLS, clean, readLine, readName, readTime } from "./read.ts";
import { fromHex, isSignedBy, presentsSecret } from "./secrets.ts";
import type { WebhookSource } from "./source.ts";

const MIB = 2 ** 20;
const TOLERANCE_SECONDS = 300; // how far a sender's clock may be from ours, and how long a captured request can be replayed

const NAME_MAX = 255;
const META_BYTES_MAX = 16 * 1024; // the HTTP contract

const encoder = new TextEncoder();

function requiredOr(kind: string) {
	return (issue: { input?: unknown }) => (issue.input === undefined ? "This field is required." : kind);
}

const Name = z
	.string({ error: requiredOr("This must be text.") })
	.max(NAME_MAX, `This may have at most ${NAME_MAX} characters.`)
	.refine((name) => name.trim() !== "", "This may not be empty.")
	.refine((name) => clean(name) === name && name.search(CONTROLS) < 0, "This holds a control character or half of a character.");

const Time = z
	.string({ error: requiredOr("This must be a time in ISO 8601, like 2026-11-20T10:00:00Z.") })
	.refine((time) => readTime(time) !== null, "This must be a time in ISO 8601 with its offset, like 2026-11-20T10:00:00Z.")
	.describe("ISO 8601, like 2026-11-20T10:00:00Z");

const Id = Name.refine((id) => id !== "." && id !== "..", "This can not be part of an address.").refine(
	(id) => !PREFIXED_SOURCES.some((source) => id.startsWith(`${source}-`)),
	`This may not begin with ${PREFIXED_SOURCES.map((source) => `"${source}-"`).join(" or ")}: such ids belong to runs from there.`,
);

const Meta = z
	.record(z.string(), z.unknown(), { error: "This must be an object." })
	.refine((meta) => encoder.encode(JSON.stringify(meta)).length <= META_BYTES_MAX, "This may have at most 16 KiB as JSON.");

const COVERAGE = "This must be a number from 0 to 100.";
const DURATION = "This must be a whole number of seconds, 0 or more.";
const FINAL = new Set(["success", "failure", "cancelled"]);

/** The body of `POST /api/events`: one run, as it stands now. Unknown fields are ignored. */
export const EventRequest = z
	.object(
		{
			id: Id,
			workflow: Name,
			status: z.enum(RUN_STATUSES, { error: requiredOr(`This must be one of ${RUN_STATUSES.join(", ")}.`) }),
			duration_seconds: z.int({ error: DURATION }).min(0, DURATION).nullish(),
			started_at: Time,
			finished_at: Time.nullish(),
			repo: Name,
			branch: Name.nullish(),
			triggered_by: Name.nullish(),
			coverage: z.number({ error: COVERAGE }).min(0, COVERAGE).max(100, COVERAGE).nullish(),
			meta: Meta.nullish(),
		},
		{ error: "The body must be a JSON object." },
	)
	.check(({ value, issues }) => {
		const finishedAt = value.finished_at ?? null;
		if (FINAL.has(value.status) && finishedAt === null) {
			issues.push({
				code: "custom",
				input: finishedAt,
				path: ["finished_at"],
				message: `A run that is ${value.status} needs the time it finished.`,
			});
		}
		if (finishedAt !== null && (readTime(finishedAt) ?? 0) < (readTime(value.started_at) ?? 0)) {
			issues.push({ code: "custom", input: finishedAt, path: ["finished_at"], message: "A run cannot finish before it starts." });
		}
	});
export type EventRequest = z.infer<typeof EventRequest>;

/** A checked body as the run event it is. */
export function toRunEvent(request: EventRequest): RunEvent {
	const startedAt = readTime(request.started_at);
	const isFinal = request.status !== "queued" && request.status !== "running";
	// An end that is announced for a run still under way is no end yet.
	const finishedAt = isFinal ? readTime(request.finished_at) : null;
	const sentMs = typeof request.duration_seconds === "number" ? request.duration_seconds * 1000 : null;
	const meta = request.meta ?? {};
	return {
		type: "run",
		id: request.id,
		source: "generic",
		externalId: request.id,
		attempt: 1,
		repo: request.repo,
		workflow: request.workflow,
		branch: request.branch ?? null,
		commit: null,
		triggeredBy: request.triggered_by ?? null,
		actor: null,
		url: null,
		status: request.status,
		conclusionRaw: request.status,
		startedAt,
		finishedAt,
		durationMs: isFinal ? (sentMs ?? between(startedAt, finishedAt)) : null,
		updatedAt: finishedAt ?? startedAt ?? 0,
		coverage: request.coverage ?? null,
		error: readLine(meta.error),
		meta,
	};
}

/** A deployment under the integration's own secret: the body of `POST /api/deployments`, which here has to say when, and what came of it. */
function normaliseDeployment(body: Record<string, unknown>): Normalised {
	const parsed = DeploymentRequest.safeParse(body);
	if (!parsed.success) return { kind: "invalid", fields: fieldsOf(parsed.error) };
	const { status, environment, component, version } = parsed.data;
	const startedAt = readTime(parsed.data.started_at);
	const now = readTime(parsed.data.finished_at) ?? startedAt;
	if (!status || startedAt === null || now === null) {
		const missing = {
			...(!status && { status: "This field is required." }),
			...(startedAt === null && { started_at: "This field is required." }),
		};
		return { kind: "invalid", fields: missing };
	}
	const id = parsed.data.id ?? derivedId({ environment, component, version, at: startedAt });
	return { kind: "events", events: [toDeploymentEvent({ ...parsed.data, status }, { id, environment, now, startedAt })] };
}

export type Timestamped = {
	/** `X-OpsSight-Timestamp`, in seconds. */
	timestamp: string | null;
	/** `X-OpsSight-Signature`: `v1=` and lower-case hex. */
	signature: string | null;
	rawBody: Uint8Array | string;
	secrets: readonly string[];
	/** Epoch ms. */
	now: number;
};

/**
 * Whether one of the secrets signs `<timestamp>.<raw body>` and the timestamp is at most 300 s from now, to either side.
 * @throws never; whatever is malformed is not signed
 */
export async function verifyTimestamped({ timestamp, signature, rawBody, secrets, now }: Timestamped): Promise<boolean> {
	if (timestamp === null || !/^\d{1,12}$/.test(timestamp)) return false;
	// Whole seconds on both sides: 300 is accepted through all of its second, 301 is not.
	if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > TOLERANCE_SECONDS) return false;
	const bytes = signature?.startsWith("v1=") ? fromHex(signature.slice("v1=".length), 32) : null;
	return bytes !== null && isSignedBy(bytes, [`${timestamp}.`, rawBody], secrets);
}

/** Anything that can POST JSON: the body of `POST /api/events` under the integration's own secret. */
export const generic: WebhookSource = {
	id: "generic",
	label: "Any other CI",
	maxBytes: () => MIB,
	contentTypes: ["application/json"],
	verify: presentsSecret,
	deliveryId: (headers) => readName(headers.get("x-opssight-delivery")),
	eventHeader: "x-opssight-event",
	event: (headers) => readName(headers.get("x-opssight-event")) ?? "run",
	normalise: (body, headers) => {
		// A sender that tries its secret out, as GitHub does by itself.
		if (generic.event(headers, body) === "ping") return { kind: "ignored", reason: "ping" };
		if (generic.event(headers, body) === "deployment") return normaliseDeployment(body);
		const parsed = EventRequest.safeParse(body);
		if (!parsed.success) return { kind: "invalid", fields: fieldsOf(parsed.error) };
		return { kind: "events", events: [toRunEvent(parsed.data)] };
	},
};
