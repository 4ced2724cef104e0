import { readRunIds } from "./product.mjs";
import { row } from "./stats.mjs";

const TOTAL = "queued + running + success + failure + cancelled";

/**
 * G6, after a load: every run that was answered 2xx is there, none other, and every rollup sums to their number.
 * @returns one row; the figure is how many runs are lost, counted twice or unasked for
 */
export async function checkExact(product, load, refused = 0) {
	const { db, team, accepted, before } = product;
	const stored = await readRunIds(product);
	const lost = [...accepted].filter((id) => !stored.has(id)).length;
	const expected = new Set([...accepted, ...before]);
	const unasked = [...stored].filter((id) => !expected.has(id)).length;
	const sums = [];
	for (const table of ["rollup_days", "rollup_hours"]) {
		for (const whose of ["repo = '' AND workflow = ''", "repo <> ''"]) {
			const sum = await db
				.prepare(`SELECT coalesce(sum(${TOTAL}), 0) AS n FROM ${table} WHERE team_id = ?1 AND ${whose}`)
				.bind(team.id)
				.first("n");
			sums.push(Number(sum));
		}
	}
	const wrong = sums.reduce((worst, sum) => Math.max(worst, Math.abs(sum - stored.size)), 0);
	if (lost + unasked + wrong + refused > 0)
		console.error(`${load}: lost ${lost}, unasked ${unasked}, sums ${sums} of ${stored.size}, refused ${refused}`);
	return row("G6", `${load}: lost, twice, unasked or refused of ${stored.size}`, lost + unasked + wrong + refused, { atMost: 0 });
}
