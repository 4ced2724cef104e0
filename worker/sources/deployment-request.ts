import { z } from "zod";
import { DEPLOYMENT_STATUSES } from "../wire/deployments.ts";
import type { DeploymentEvent } from "../wire/events.ts";
import { idPart, timesOf } from "./deployment.ts";
import { PREFIXED_SOURCES } from "./prefixes.ts";
import { CONTROLS, clean, readTime } from "./read.ts";

/** The body of `POST /api/deployments`: one that happened elsewhere where it has a status, one that is asked for where it has none. */

const NAME_MAX = 255;
const RESERVED = [...PREFIXED_SOURCES, "cluster", "opssight", "api"];

const required = (kind: string) => (issue: { input?: unknown }) => (issue.input === undefined ? "This field is required." : kind);

const Name = z
	.string({ error: required("This must be text.") })
	.max(NAME_MAX, `This may have at most ${NAME_MAX} characters.`)
	.refine((name) => name.trim() !== "", "This may not be empty.")
	.refine((name) => clean(name) === name && name.search(CONTROLS) < 0, "This holds a control character or half of a character.")
	.transform((name) => name.trim());
const Line = z.string({ error: "This must be text." }).max(500, "This may have at most 500 characters.");
const Time = z
	.string({ error: "This must be a time in ISO 8601, like 2026-11-20T10:00:00Z." })
	.refine((time) => readTime(time) !== null, "This must be a time in ISO 8601 with its offset, like 2026-11-20T10:00:00Z.");
const Id = Name.refine((id) => id !== "." && id !== "..", "This can not be part of an address.").refine(
	(id) => !RESERVED.some((source) => id.startsWith(`${source}-`)),
	`This may not begin with ${RESERVED.map((source) => `"${source}-"`).join(" or ")}: such ids belong to deployments from there.`,
);

export const DeploymentRequest = z
	.object(
		{
			environment: Name.describe("its name or id"),
			component: Name,
			version: Name,
			commit: Name.nullish(),
			status: z
				.enum(DEPLOYMENT_STATUSES, { error: `This must be one of ${DEPLOYMENT_STATUSES.join(", ")}.` })
				.nullish()
				.describe("with one it is recorded; without one it is asked for"),
			id: Id.nullish().describe("the same id is the same deployment"),
			started_at: Time.nullish(),
			finished_at: Time.nullish(),
			actor: Name.nullish(),
			repo: Name.nullish(),
			ref: Name.nullish(),
			reason: Line.nullish(),
			title: Line.nullish(),
			url: z
				.url({ protocol: /^https?$/, error: "This must be an address that begins with https://." })
				.max(2048)
				.nullish(),
			images: z.array(Name).max(20, "There may be up to 20 images.").nullish(),
			is_rollback: z.boolean({ error: "This must be true or false." }).nullish(),
		},
		{ error: "The body must be a JSON object." },
	)
	.check(({ value, issues }) => {
		const [from, to] = [readTime(value.started_at), readTime(value.finished_at)];
		if (from !== null && to !== null && to < from) {
			issues.push({
				code: "custom",
				input: value.finished_at,
				path: ["finished_at"],
				message: "A deployment cannot finish before it starts.",
			});
		}
	});
export type DeploymentRequest = z.infer<typeof DeploymentRequest>;

/** A checked body as the event it is. `environment` is the name; `now` stands in for what is not said. */
export function toDeploymentEvent(
	request: DeploymentRequest & { status: NonNullable<DeploymentRequest["status"]> },
	{ id, environment, now, startedAt: begun }: { id: string; environment: string; now: number; startedAt: number | null },
): DeploymentEvent {
	const { status } = request;
	const isOver = status !== "queued" && status !== "running";
	const finishedAt = isOver ? (readTime(request.finished_at) ?? now) : null;
	const startedAt = readTime(request.started_at) ?? begun ?? timesOf(status, now).startedAt;
	return {
		type: "deployment",
		id,
		source: "generic",
		externalId: id,
		environment,
		component: request.component,
		version: request.version,
		commit: request.commit ?? null,
		ref: request.ref ?? null,
		repo: request.repo ?? null,
		status,
		statusRaw: status,
		startedAt: status === "queued" ? null : startedAt,
		finishedAt,
		updatedAt: finishedAt ?? startedAt ?? now,
		inactiveAt: null,
		actor: request.actor ?? null,
		isRollback: request.is_rollback ?? false,
		rollbackId: null,
		reason: request.reason ?? null,
		title: request.title ?? null,
		url: request.url ?? null,
		images: request.images ?? [],
	};
}

/** The id of one that has none: what it brings where, and when. */
export function derivedId({
	environment,
	component,
	version,
	at,
}: {
	environment: string;
	component: string;
	version: string;
	at: number;
}): string {
	return `api-${[environment.toLowerCase(), component, version].map(idPart).join("-")}-${Math.floor(at / 1000)}`;
}
