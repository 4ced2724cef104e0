import type { EnvironmentSettingsBody, OfferBody, RollbackBody } from "../../wire/api.ts";
import type { EnvironmentState, RollbackOffer, RollbackRow, VersionCard } from "../../wire/deployments.ts";

/** Rollbacks, their offers, locks and settings as the public API speaks of them: snake case, ISO times, whole seconds. */

const iso = (at: number) => new Date(at).toISOString();
const isoOrNull = (at: number | null) => (at === null ? null : iso(at));
const seconds = (ms: number | null) => (ms === null ? null : Math.round(ms / 1000));

/** A command, whatever has become of it. */
export function toRollbackBody(row: RollbackRow): RollbackBody {
	const version = ({ deploymentId, version }: { deploymentId: string | null; version: string }) => ({
		deployment_id: deploymentId,
		version,
	});
	return {
		...{ id: row.id, kind: row.kind, state: row.state },
		environment: { id: row.environmentId, name: row.environment, production: row.isProduction },
		component: row.component,
		from: version(row.from),
		to: version(row.to),
		requested_at: iso(row.requestedAt),
		requested_by: row.requestedBy,
		automatic: row.isAutomatic,
		reason: row.reason,
		stages: row.stages.map(({ stage, at }) => ({ stage, at: iso(at) })),
		...{ pods: row.pods, message: row.message, why: row.why, applied: row.applied },
		deadline_at: iso(row.deadlineAt),
		finished_at: isoOrNull(row.finishedAt),
		took_seconds: seconds(row.tookMs),
		recovery: row.recovery,
		recovered_at: isoOrNull(row.recoveredAt),
		restore_seconds: seconds(row.restoreMs),
		lock_until: isoOrNull(row.lockUntil),
		...{ run_by_hand: row.manual, changes: row.changes, note: row.note },
	};
}

const card = ({ deploymentId, at, version, commit, by, ran, revision, images }: VersionCard) => ({
	...{ deployment_id: deploymentId, version, commit, at: iso(at), by, ran, revision, images },
});

/** What a rollback would be. */
export function toOfferBody(offer: RollbackOffer): OfferBody {
	const { environment, agent } = offer;
	return {
		offer: {
			environment: { id: environment.id, name: environment.name, production: environment.isProduction },
			...{ component: offer.component, seen: offer.seen },
			from: { ...card(offer.from), health: offer.from.health, sentence: offer.from.sentence },
			to: offer.to && card(offer.to),
			choices: offer.choices.map((choice) => ({ ...card(choice), eligible: choice.isEligible, why: choice.why })),
			...{ checks: offer.checks, not_undone: offer.notUndone, changes: offer.changes, compared: offer.compared },
			agent: agent && { cluster: agent.cluster, connected: agent.isConnected, last_seen_at: isoOrNull(agent.lastSeenAt) },
			...{ run_by_hand: offer.manual, usually_seconds: seconds(offer.usuallyMs), lock_minutes: offer.lockMinutes },
			...{ confirm: offer.confirm, word: offer.word, needs: offer.needs, blocked: offer.blocked },
		},
	};
}

/** What an environment is set to. */
export function toSettingsBody({ id, name, settings }: Pick<EnvironmentState, "id" | "name" | "settings">): EnvironmentSettingsBody {
	const { isProduction, goodMinutes, autoRollback, needsApprover, drills, freezes } = settings;
	return {
		environment: {
			...{ id, name, production: isProduction, good_minutes: goodMinutes, auto_rollback: autoRollback },
			...{ needs_approver: needsApprover, drills, freezes },
		},
	};
}
