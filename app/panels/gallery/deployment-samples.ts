import type {
	Check,
	ComponentState,
	DeploymentRow,
	EnvironmentState,
	Observed,
	RollbackOffer,
	RollbackRow,
} from "#worker/wire/deployments";

/** Deployments as the gallery and the unit tests speak of them: one evening's story, told around a moment. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A deployment; what is not said is as of an ordinary one that worked. */
export function sampleRow(now: number, given: Partial<DeploymentRow> & { id: string }): DeploymentRow {
	const startedAt = given.startedAt ?? now - HOUR;
	const row: DeploymentRow = {
		...{ source: "github", externalId: given.id, environmentId: "e-prod", environment: "prod", component: "checkout", version: "v2.30.4" },
		...{
			commit: "51bd90c4e21f",
			repo: "acme/checkout",
			status: "success",
			startedAt,
			finishedAt: startedAt + 161_000,
			durationMs: 161_000,
		},
		...{ actor: "D. Kim", isRollback: false, rollbackId: null, reason: null, title: "Raise pool size, async capture", url: null },
		...{ orderedAt: startedAt },
		...given,
	};
	return row;
}

/** What a cluster shows of a component. */
export function sampleObserved(now: number, given: Partial<Observed> = {}): Observed {
	return {
		...{ clusterId: "c-1", cluster: "eks-prod-1", namespace: "shop", kind: "Deployment", name: "checkout", version: "v2.31.0" },
		...{ images: ["registry.example/checkout:v2.31.0"], revision: 12, state: "degraded", reason: "ProgressDeadlineExceeded" },
		...{ sentence: "2 of 6 pods are ready: the new ones crash at start.", desired: 6, updated: 6, ready: 2, available: 2 },
		...{ isPaused: false, owner: null, badPods: [], canPatch: true, since: now - 12 * MINUTE, reportedAt: now - 400 },
		...given,
	};
}

/** A component of an environment. */
export function sampleComponent(now: number, given: Partial<ComponentState> = {}): ComponentState {
	const current = sampleRow(now, { id: "d-2304", startedAt: now - 3 * DAY });
	return {
		...{ component: "checkout", current, latest: current, observed: null, mismatch: null, health: "healthy" },
		...{ sentence: "All 6 pods are ready.", since: now - 3 * DAY, canRollBack: { ok: true } },
		...given,
	};
}

/** An environment. */
export function sampleEnvironment(now: number, given: Partial<EnvironmentState> & { name: string }): EnvironmentState {
	return {
		id: `e-${given.name}`,
		settings: {
			...{ isProduction: given.name === "prod", goodMinutes: 15, autoRollback: false, needsApprover: false, freezes: [], drills: true },
		},
		...{ components: [sampleComponent(now)], lock: null, holds: [], rollback: null, viewers: [] },
		drills: { n: 12, p50Ms: 41_000, p95Ms: 66_000, lastAt: now - 2 * DAY, lastOk: true },
		clusters: [{ id: "c-1", name: "eks-prod-1", isConnected: true, lastSeenAt: now - 400 }],
		...given,
	};
}

/** A board: production fails, staging deploys, dev is locked, and a cluster with several components. */
export function sampleBoard(now: number): EnvironmentState[] {
	const bad = sampleRow(now, { id: "d-2310", version: "v2.31.0", commit: "a8e61f2d90aa", status: "failure", startedAt: now - 12 * MINUTE });
	const rc = sampleRow(now, {
		...{ id: "d-rc1", version: "v2.31.1-rc1", environment: "staging", environmentId: "e-staging", status: "running", actor: null },
		...{ startedAt: now - 41_000, finishedAt: null, durationMs: null },
	});
	const dev = sampleRow(now, {
		id: "d-dev",
		version: "main@4f2c1ab",
		environment: "dev",
		environmentId: "e-dev",
		startedAt: now - 6 * MINUTE,
		actor: null,
	});
	return [
		sampleEnvironment(now, {
			name: "prod",
			components: [
				sampleComponent(now, {
					...{ current: sampleRow(now, { id: "d-2304", startedAt: now - 3 * DAY, actor: "M. Ruiz" }), latest: bad },
					...{ observed: sampleObserved(now), health: "failing", since: now - 8 * MINUTE },
					sentence: "v2.31.0 failed: 2 of 6 pods are ready, the new ones crash at start.",
					mismatch: "CI declared v2.30.4 last with success; the cluster runs v2.31.0.",
				}),
			],
		}),
		sampleEnvironment(now, {
			name: "staging",
			components: [
				sampleComponent(now, {
					...{ current: sampleRow(now, { id: "d-s0", version: "v2.31.0", environment: "staging" }), latest: rc, health: "deploying" },
					observed: sampleObserved(now, { state: "progressing", reason: null, version: "v2.31.1-rc1", updated: 4, ready: 4, available: 4 }),
				}),
			],
		}),
		sampleEnvironment(now, {
			name: "dev",
			lock: { by: { id: "u-lee", name: "J. Lee" }, at: now - HOUR, until: now + HOUR, reason: "load test", rollbackId: null },
			components: [sampleComponent(now, { current: dev, latest: dev })],
		}),
		sampleEnvironment(now, {
			name: "tools",
			components: ["alerts-to-chat", "ledger", "payments-worker", "web"].map((component, index) =>
				sampleComponent(now, {
					...{ component, health: (["healthy", "degraded", "unknown", "healthy"] as const)[index] ?? "healthy" },
					...{ sentence: index === 1 ? "2 of 3 pods are available." : "No agent has told of it for 4 min." },
				}),
			),
		}),
	];
}

/** A page of history, newest first. */
export function sampleHistory(now: number): DeploymentRow[] {
	return [
		sampleRow(now, {
			id: "d-2310",
			version: "v2.31.0",
			status: "failure",
			startedAt: now - 12 * MINUTE,
			reason: "Readiness probe failed: 503",
		}),
		sampleRow(now, {
			id: "d-rc1",
			version: "v2.31.1-rc1",
			environment: "staging",
			status: "running",
			startedAt: now - 41_000,
			finishedAt: null,
			durationMs: null,
			actor: null,
		}),
		sampleRow(now, { id: "d-s0", version: "v2.31.0", environment: "staging", startedAt: now - 87 * MINUTE, actor: null }),
		sampleRow(now, {
			id: "d-rb",
			version: "v2.30.4",
			startedAt: now - 3 * DAY,
			durationMs: 51_000,
			actor: "Maya Ruiz",
			isRollback: true,
			rollbackId: "r-1",
			reason: "5xx after deploy",
		}),
		sampleRow(now, {
			id: "d-2305",
			version: "v2.30.5",
			startedAt: now - 3 * DAY - 11 * MINUTE,
			title: "Switch to batched ledger writes",
			actor: "T. Sato",
		}),
		sampleRow(now, {
			id: "d-2302",
			version: "v2.30.2",
			startedAt: now - 7 * DAY,
			status: "cancelled",
			title: "Bump openssl",
			actor: "R. Brandt",
		}),
		sampleRow(now, {
			id: "d-q",
			version: "v2.30.1",
			environment: "dev",
			startedAt: now - 8 * DAY,
			status: "queued",
			finishedAt: null,
			durationMs: null,
		}),
	].sort((a, b) => b.orderedAt - a.orderedAt);
}

const CHECKS: Check[] = [
	{ id: "image", tone: "ok", title: "Revision 11 is still in the cluster,", detail: "with image checkout:v2.30.4" },
	{ id: "agent", tone: "ok", title: "Agent eks-prod-1 connected,", detail: "0.4 s ago" },
	{ id: "owner", tone: "warn", title: "Argo CD owns this workload:", detail: "it will undo this unless auto-sync is off." },
	{ id: "deploy", tone: "ok", title: "No newer deployment is under way", detail: null },
	{ id: "lockAfter", tone: "ok", title: "Afterwards prod is locked for 30 min, and the version held", detail: null },
];

/** What the dialog draws. */
export function sampleOffer(now: number, given: Partial<RollbackOffer> = {}): RollbackOffer {
	const good = {
		...{
			deploymentId: "d-2304",
			version: "v2.30.4",
			commit: "51bd90c4e21f",
			at: now - 3 * DAY,
			by: "M. Ruiz",
			ran: "ran 2 d 4 h, no alerts",
		},
		...{ revision: 11, images: ["checkout:v2.30.4"] },
	};
	return {
		...{ environment: { id: "e-prod", name: "prod", isProduction: true }, component: "checkout", seen: "d-2310" },
		from: {
			...{ deploymentId: "d-2310", version: "v2.31.0", commit: "a8e61f2d90aa", at: now - 12 * MINUTE, by: "D. Kim", ran: "ran 12 min" },
			...{ revision: 12, images: ["checkout:v2.31.0"], health: "failing", sentence: "2 of 6 pods are ready" },
		},
		to: good,
		choices: [
			{ ...good, isEligible: true, why: null },
			{ ...good, deploymentId: "d-2303", version: "v2.30.3", at: now - 6 * DAY, ran: "ran 3 d", revision: 9, isEligible: true, why: null },
			{
				...good,
				deploymentId: "d-2305",
				version: "v2.30.5",
				ran: "ran 11 min",
				revision: 10,
				isEligible: false,
				why: "It was rolled back after 11 min.",
			},
		],
		checks: CHECKS,
		notUndone: ["Database migrations and data", "Feature flags and configuration outside of the workload"],
		commits: [
			{ sha: "a8e61f2d90aa", author: "D. Kim", message: "Raise pool size, async capture", at: now - 13 * MINUTE },
			{ sha: "77d01c3aa210", author: "D. Kim", message: "Make the pool size a setting", at: now - 40 * MINUTE },
		],
		changes: [
			...["  container app:", "-   image: checkout:v2.31.0", "+   image: checkout:v2.30.4", "    env:"],
			...["-     DB_PASSWORD: [hidden]", "+     DB_PASSWORD: [hidden] (another value)", '-     POOL_MAX: "120"', '+     POOL_MAX: "40"'],
		],
		compared: "templates",
		agent: { cluster: "eks-prod-1", isConnected: true, lastSeenAt: now - 400 },
		...{ manual: "kubectl -n shop rollout undo deployment/checkout --to-revision=11", usuallyMs: 48_000, lockMinutes: 30 },
		...{ confirm: "word", word: "prod", needs: "member", blocked: null },
		...given,
	};
}

/** A rollback, in the middle where nothing else is said. */
export function sampleRollback(now: number, given: Partial<RollbackRow> = {}): RollbackRow {
	const requestedAt = given.requestedAt ?? now - 21_000;
	return {
		...{
			id: "r-9",
			kind: "rollback",
			environmentId: "e-prod",
			environment: "prod",
			isProduction: true,
			component: "checkout",
			state: "claimed",
		},
		...{ from: { deploymentId: "d-2310", version: "v2.31.0" }, to: { deploymentId: "d-2304", version: "v2.30.4" }, requestedAt },
		...{ requestedBy: { id: "u-maya", name: "Maya Ruiz" }, isAutomatic: false, reason: "5xx after deploy" },
		stages: [
			{ stage: "queued", at: requestedAt },
			{ stage: "sent", at: requestedAt + 200 },
			{ stage: "accepted", at: requestedAt + 900 },
			{ stage: "applied", at: requestedAt + 1600 },
			{ stage: "rolling", at: requestedAt + 2000 },
		],
		...{ pods: { updated: 4, ready: 3, total: 6 }, message: null, why: null, applied: true, deadlineAt: requestedAt + 120_000 },
		...{ finishedAt: null, tookMs: null, recovery: null, recoveredAt: null, restoreMs: null, lockUntil: null },
		...{ manual: "kubectl -n shop rollout undo deployment/checkout --to-revision=11", changes: [], note: null },
		...given,
	};
}

/** Rollbacks in each state they can be in. */
export function sampleRollbacks(now: number): RollbackRow[] {
	const at = now - 70_000;
	const queued = [{ stage: "queued", at } as const, { stage: "sent", at: at + 200 } as const];
	const all = [
		...sampleRollback(at, { requestedAt: at }).stages,
		{ stage: "ready", at: at + 46_000 } as const,
		{ stage: "verified", at: at + 57_000 } as const,
	];
	return [
		sampleRollback(now, { id: "r-pending", state: "pending", stages: queued.slice(0, 1), pods: null, applied: false }),
		sampleRollback(now),
		sampleRollback(now, {
			id: "r-ok",
			state: "succeeded",
			requestedAt: at,
			stages: all,
			finishedAt: at + 46_000,
			tookMs: 46_000,
			recovery: "recovered",
			recoveredAt: at + 57_000,
			lockUntil: now + 29 * MINUTE,
			pods: { updated: 6, ready: 6, total: 6 },
		}),
		sampleRollback(now, {
			id: "r-not",
			state: "succeeded",
			requestedAt: at,
			stages: all.slice(0, -1),
			finishedAt: at + 46_000,
			tookMs: 46_000,
			recovery: "notRecovered",
		}),
		sampleRollback(now, {
			id: "r-failed",
			state: "failed",
			requestedAt: at,
			finishedAt: at + 60_000,
			message: "3 of 6 pods crash at start: exit 1.",
			why: "rollout_failed",
		}),
		sampleRollback(now, {
			id: "r-expired",
			state: "expired",
			requestedAt: now - 200_000,
			stages: queued,
			finishedAt: now - 80_000,
			pods: null,
			applied: false,
		}),
		sampleRollback(now, {
			id: "r-cancelled",
			state: "cancelled",
			requestedAt: at,
			stages: queued,
			finishedAt: at + 9000,
			pods: null,
			applied: false,
		}),
		sampleRollback(now, { id: "r-unknown", state: "unknown", requestedAt: now - 190_000 }),
	];
}
