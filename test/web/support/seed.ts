import { type Product, postEvent } from "./product.ts";

const KINDS = [
	["acme/checkout-api", "build-and-test", "main"],
	["acme/checkout-api", "deploy-prod", "main"],
	["acme/web", "build-and-test", "feat/wallet"],
	["acme/infra", "plan-apply", "main"],
	["acme/a-repository-with-a-rather-long-name-indeed", "nightly-end-to-end-with-all-browsers", "renovate/everything-at-once-2026"],
] as const;

/** Runs of the last day and the day before, so that every part of the page has something to show. */
export async function seedDay(product: Product): Promise<void> {
	const now = Date.now();
	for (let n = 0; n < 40; n++) {
		const [repo, workflow, branch] = KINDS[n % KINDS.length]!;
		const startedAt = now - n * 70 * 60_000 - 180_000;
		const status = n === 0 ? "running" : n === 1 ? "queued" : n === 4 ? "cancelled" : n % 6 === 3 ? "failure" : "success";
		const finishedAt = status === "running" || status === "queued" ? null : startedAt + 60_000 + ((n * 37) % 400) * 1000;
		const answer = await postEvent(product, product.teams.a, {
			id: `seed-${n}`,
			...{ repo, workflow, branch, status },
			started_at: new Date(startedAt).toISOString(),
			finished_at: finishedAt && new Date(finishedAt).toISOString(),
		});
		if (answer !== 201) throw new Error(`a seeded run was answered ${answer}`);
	}
}
