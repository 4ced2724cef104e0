/** Who and what the demo story is about: the fictional company Acme, its repositories, workflows and people. */

export type Person = { login: string; name: string; weight: number };

/** All names are invented. */
export const PEOPLE: readonly Person[] = [
	{ login: "mruiz", name: "Maya Ruiz", weight: 14 },
	{ login: "jlee", name: "Jordan Lee", weight: 12 },
	{ login: "aokafor", name: "Ada Okafor", weight: 12 },
	{ login: "tlindqvist", name: "Tove Lindqvist", weight: 11 },
	{ login: "rbanerjee", name: "Ravi Banerjee", weight: 10 },
	{ login: "skowalski", name: "Sara Kowalski", weight: 9 },
	{ login: "dmoreau", name: "Denis Moreau", weight: 8 },
	{ login: "hyamada", name: "Hana Yamada", weight: 8 },
	{ login: "pcosta", name: "Pedro Costa", weight: 6 },
	{ login: "ebakker", name: "Eva Bakker", weight: 5 },
];

/** The bot that opens dependency updates. */
export const RENOVATE = "renovate[bot]";

export type JobPlan = {
	name: string;
	steps: readonly string[];
	/** How much of the run's time it takes, its wait for a runner included. */
	share: number;
	/** The jobs that must have passed before it begins; without any it begins with the run. */
	after?: readonly string[];
};
export type Workflow = {
	name: string;
	/** Median duration in minutes, and the spread of its logarithm. */
	minutes: number;
	sigma: number;
	/** Share of runs that fail on an ordinary day. */
	failing: number;
	/** How much slower it is at the end of the story than at its start, as a share. */
	drift: number;
	errors: readonly string[];
	jobs: readonly JobPlan[];
};

const SETUP = ["Set up job", "Checkout", "Install dependencies"] as const;

const WORKFLOWS = {
	"build-and-test": {
		name: "build-and-test",
		minutes: 5.4,
		sigma: 0.24,
		failing: 0.08,
		drift: 0.14,
		errors: [
			"Test failed: expected 200, received 503",
			"TypeError: Cannot read properties of undefined (reading 'total')",
			"1 of 412 tests failed: checkout > applies the voucher once",
			"The runner has received a shutdown signal",
			"npm error network timeout at registry",
		],
		jobs: [
			{ name: "build", steps: [...SETUP, "Compile", "Upload artifact"], share: 0.3 },
			{ name: "unit", steps: [...SETUP, "Unit tests", "Coverage"], share: 0.32, after: ["build"] },
			{ name: "integration", steps: [...SETUP, "Start services", "Integration tests"], share: 0.5, after: ["build"] },
			{
				name: "package",
				steps: ["Set up job", "Download artifact", "Build image", "Push image"],
				share: 0.2,
				after: ["unit", "integration"],
			},
		],
	},
	lint: {
		name: "lint",
		minutes: 1.3,
		sigma: 0.18,
		failing: 0.04,
		drift: 0.05,
		errors: ["Formatter would have printed the following content", "noUnusedVariables: 2 errors"],
		jobs: [
			{ name: "lint", steps: [...SETUP, "Lint"], share: 0.9 },
			{ name: "types", steps: [...SETUP, "Type check"], share: 1 },
		],
	},
	e2e: {
		name: "e2e",
		minutes: 11.5,
		sigma: 0.2,
		// The flaky one: it fails, is run again, and passes.
		failing: 0.15,
		drift: 0.22,
		errors: ['Timed out after 30000 ms waiting for selector "#pay"', "browser has been closed", "expect(locator).toBeVisible() failed"],
		jobs: [
			{ name: "browser (1)", steps: [...SETUP, "Start app", "Browser tests"], share: 0.85 },
			{ name: "browser (2)", steps: [...SETUP, "Start app", "Browser tests"], share: 0.92 },
			{ name: "report", steps: ["Set up job", "Merge reports"], share: 0.08, after: ["browser (1)", "browser (2)"] },
		],
	},
	"deploy-prod": {
		name: "deploy-prod",
		minutes: 2.7,
		sigma: 0.18,
		failing: 0.028,
		drift: 0.06,
		errors: ["Rollout timed out: 2 of 6 pods ready", "Image pull failed: manifest unknown"],
		jobs: [
			{ name: "migrate", steps: ["Set up job", "Run migrations"], share: 0.25 },
			{ name: "rollout", steps: ["Set up job", "Apply manifests", "Wait for rollout"], share: 0.75, after: ["migrate"] },
		],
	},
	"smoke-prod": {
		name: "smoke-prod",
		minutes: 1.2,
		sigma: 0.15,
		failing: 0.02,
		drift: 0,
		errors: ["assert 502 != 200", "connect ECONNREFUSED"],
		jobs: [
			{ name: "smoke", steps: ["Set up job", "GET /healthz", "POST /orders"], share: 0.9 },
			{ name: "synthetic", steps: ["Set up job", "Browse and pay"], share: 1 },
		],
	},
	nightly: {
		name: "nightly",
		minutes: 24,
		sigma: 0.16,
		failing: 0.1,
		drift: 0.18,
		errors: ["Load test: p95 612 ms is over the 500 ms limit", "Dependency audit: 1 high"],
		jobs: [
			{ name: "load", steps: [...SETUP, "Load test", "Compare"], share: 1 },
			{ name: "audit", steps: ["Set up job", "Dependency audit"], share: 0.15 },
		],
	},
	"plan-apply": {
		name: "plan-apply",
		minutes: 3.4,
		sigma: 0.3,
		failing: 0.05,
		drift: 0.08,
		errors: ["Error acquiring the state lock", "Error: Provider produced inconsistent result after apply"],
		jobs: [
			{ name: "plan", steps: ["Set up job", "Init", "Plan"], share: 0.5 },
			{ name: "apply", steps: ["Set up job", "Apply"], share: 0.5, after: ["plan"] },
		],
	},
	publish: {
		name: "publish",
		minutes: 2.1,
		sigma: 0.2,
		failing: 0.02,
		drift: 0,
		errors: ["Broken link: /guides/refunds"],
		jobs: [
			{ name: "site", steps: [...SETUP, "Build site"], share: 0.7 },
			{ name: "upload", steps: ["Set up job", "Upload"], share: 0.3, after: ["site"] },
		],
	},
} as const satisfies Record<string, Workflow>;

export type WorkflowName = keyof typeof WORKFLOWS;

/** A workflow by its name. */
export function workflow(name: WorkflowName): Workflow {
	return WORKFLOWS[name];
}

export type Repository = {
	name: string;
	id: number;
	/** How busy it is, and how long its workflows take beside the usual. */
	weight: number;
	pace: number;
	/** What a push or a pull request starts. */
	checks: readonly WorkflowName[];
	/** What a merge to main starts once the first check has passed, one after the other. */
	release: readonly WorkflowName[];
	nightly: boolean;
};

const SERVICE = { checks: ["build-and-test", "lint"], release: ["deploy-prod", "smoke-prod"], nightly: true } as const;

/** The dozen repositories. */
export const REPOSITORIES: readonly Repository[] = [
	{ name: "acme/checkout-api", id: 510_001, weight: 14, pace: 1, ...SERVICE },
	{ name: "acme/web", id: 510_002, weight: 18, pace: 1.2, ...SERVICE, checks: ["build-and-test", "lint", "e2e"] },
	{ name: "acme/payments-worker", id: 510_003, weight: 10, pace: 0.9, ...SERVICE },
	{ name: "acme/ledger", id: 510_004, weight: 9, pace: 1.1, ...SERVICE },
	{ name: "acme/fraud-score", id: 510_005, weight: 8, pace: 1.3, ...SERVICE },
	{ name: "acme/gateway", id: 510_006, weight: 7, pace: 0.7, ...SERVICE },
	{ name: "acme/auth", id: 510_007, weight: 7, pace: 0.8, ...SERVICE },
	{ name: "acme/notify", id: 510_008, weight: 5, pace: 0.6, ...SERVICE },
	{ name: "acme/search", id: 510_009, weight: 6, pace: 1.1, ...SERVICE },
	{ name: "acme/mobile", id: 510_010, weight: 7, pace: 1.9, checks: ["build-and-test", "lint", "e2e"], release: [], nightly: true },
	{ name: "acme/infra", id: 510_011, weight: 5, pace: 1, checks: ["plan-apply", "lint"], release: [], nightly: true },
	{ name: "acme/docs", id: 510_012, weight: 4, pace: 1, checks: ["lint", "publish"], release: ["smoke-prod"], nightly: false },
];

/** Feature branches people work on. */
export const BRANCHES = [
	"feat/wallet",
	"feat/refund-reasons",
	"feat/3ds-retry",
	"feat/saved-cards",
	"feat/dark-mode",
	"fix/rounding",
	"fix/flaky-basket-test",
	"fix/timeout-budget",
	"chore/node-22",
	"refactor/pricing",
	"perf/batch-writes",
] as const;

/** Branches of the dependency bot. */
export const RENOVATE_BRANCHES = [
	"renovate/zod-4.x",
	"renovate/vitest-monorepo",
	"renovate/hono-4.x",
	"renovate/numpy",
	"renovate/lock-file",
] as const;

/** First lines of commits. */
export const MESSAGES = [
	"basket: keep the voucher when an item is removed",
	"retry the capture once when the issuer times out",
	"read the currency from the order, not the session",
	"tests: wait for the settled event",
	"log the reason a charge was declined",
	"drop the unused column after the backfill",
	"make the health check cheap",
	"rename settle to capture everywhere",
	"cap the page size at 200",
	"explain the refund rule where it is decided",
	"move the rate table to config",
	"fix the rounding of split payments",
] as const;
