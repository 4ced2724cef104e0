import type { z } from "zod";
import type {
	DeploymentBody,
	DeploymentDetailBody,
	DeployRequestBody,
	EnvironmentBody,
	HoldBody,
	LockBody,
	ObservedBody,
	RollbackSummaryBody,
} from "../../wire/deployment-api.ts";
import type { DeploymentRow, EnvironmentState, Hold, Lock, Observed, RollbackRow } from "../../wire/deployments.ts";
import type { StoredDeployment } from "./model.ts";

/** Deployments and environments as the public API speaks of them: snake case, ISO times, whole seconds. */

const iso = (at: number) => new Date(at).toISOString();
const isoOrNull = (at: number | null) => (at === null ? null : iso(at));

/** A deployment, as every list shows it. */
export function toDeploymentBody(row: DeploymentRow): DeploymentBody {
	return {
		id: row.id,
		source: row.source,
		external_id: row.externalId,
		environment: row.environment,
		environment_id: row.environmentId,
		component: row.component,
		version: row.version,
		commit: row.commit,
		repo: row.repo,
		status: row.status,
		started_at: iso(row.startedAt),
		finished_at: isoOrNull(row.finishedAt),
		duration_seconds: row.durationMs === null ? null : Math.round(row.durationMs / 1000),
		actor: row.actor,
		is_rollback: row.isRollback,
		rollback_id: row.rollbackId,
		reason: row.reason,
		title: row.title,
		url: row.url,
	};
}

/** A deployment with everything that is known of it. */
export function toDeploymentDetailBody(deployment: StoredDeployment): z.infer<typeof DeploymentDetailBody> {
	const { images, ref, statusRaw, inactiveAt } = deployment;
	return { ...toDeploymentBody(deployment), images, ref, status_raw: statusRaw, inactive_at: isoOrNull(inactiveAt) };
}

/** A lock, and who holds it. */
export const toLockBody = ({ by, at, until, reason, rollbackId }: Lock): z.infer<typeof LockBody> => ({
	...{ by, at: iso(at), until: isoOrNull(until), reason, rollback_id: rollbackId },
});

const toHoldBody = ({ rollbackId, at, until, ...hold }: Hold): z.infer<typeof HoldBody> => ({
	...{ id: hold.id, component: hold.component, version: hold.version, commit: hold.commit, rollback_id: rollbackId },
	...{ by: hold.by, at: iso(at), until: iso(until), reason: hold.reason },
});

const toObservedBody = (o: Observed): z.infer<typeof ObservedBody> => ({
	...{ version: o.version, image: o.images[0] ?? "", since: iso(o.since), cluster: o.cluster, namespace: o.namespace, kind: o.kind },
	...{ name: o.name, revision: o.revision, state: o.state, sentence: o.sentence, desired: o.desired, available: o.available },
	reported_at: iso(o.reportedAt),
});

const toVersion = ({ deploymentId, version }: { deploymentId: string | null; version: string }) => ({
	deployment_id: deploymentId,
	version,
});

/** A rollback in a line. */
export function toRollbackSummaryBody(row: RollbackRow): z.infer<typeof RollbackSummaryBody> {
	return {
		...{ id: row.id, state: row.state, component: row.component, from: toVersion(row.from), to: toVersion(row.to) },
		...{ requested_at: iso(row.requestedAt), requested_by: row.requestedBy, finished_at: isoOrNull(row.finishedAt) },
	};
}

const newest = (rows: readonly (DeploymentRow | null)[]) =>
	rows.reduce<DeploymentRow | null>((best, one) => (one !== null && (best === null || one.orderedAt > best.orderedAt) ? one : best), null);

/** An environment with its components; its own current and latest are the newest of theirs. */
export function toEnvironmentBody(state: Omit<EnvironmentState, "viewers">): EnvironmentBody {
	const { components } = state;
	const latest = newest(components.map((one) => one.latest));
	const observed =
		components.find(({ component }) => component === latest?.component)?.observed ?? components.find((one) => one.observed)?.observed;
	const current = newest(components.map((one) => one.current));
	return {
		id: state.id,
		name: state.name,
		production: state.settings.isProduction,
		current: current && toDeploymentBody(current),
		latest: latest && toDeploymentBody(latest),
		observed: observed ? toObservedBody(observed) : null,
		lock: state.lock && toLockBody(state.lock),
		holds: state.holds.map(toHoldBody),
		rollback: state.rollback && toRollbackSummaryBody(state.rollback),
		components: components.map((one) => ({
			component: one.component,
			current: one.current && toDeploymentBody(one.current),
			latest: one.latest && toDeploymentBody(one.latest),
			observed: one.observed && toObservedBody(one.observed),
			mismatch: one.mismatch,
			health: one.health,
			sentence: one.sentence,
			since: isoOrNull(one.since),
			can_roll_back: one.canRollBack.ok,
			why_not: one.canRollBack.ok ? null : one.canRollBack.why,
		})),
	};
}

/** What was asked for. */
export type AskedDeployment = {
	id: string;
	environment: string;
	environmentId: string;
	component: string;
	version: string;
	commit: string | null;
	state: "waiting" | "sent" | "failed" | "declined";
	dispatcherKind: string | null;
	message: string | null;
	requestedBy: { id: string; name: string };
	requestedAt: number;
	approvedBy: string | null;
	approvedAt: number | null;
};

/** A deployment that was asked for. */
export function toDeployRequestBody(q: AskedDeployment): z.infer<typeof DeployRequestBody> {
	return {
		...{
			id: q.id,
			environment: q.environment,
			environment_id: q.environmentId,
			component: q.component,
			version: q.version,
			commit: q.commit,
		},
		...{ state: q.state, sent_by: q.dispatcherKind, message: q.message, requested_by: q.requestedBy, requested_at: iso(q.requestedAt) },
		...{ decided_by: q.approvedBy, decided_at: isoOrNull(q.approvedAt) },
	};
}
