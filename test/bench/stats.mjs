/** The q-quantile (0–1) of some numbers, nearest rank. */
export function quantile(values, q) {
	const sorted = Float64Array.from(values).sort();
	return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

/** The middle value. */
export function median(values) {
	return quantile(values, 0.5);
}

/** A figure with three significant digits at most, thousands as they are. */
export function show(figure) {
	if (typeof figure !== "number") return String(figure);
	return Math.abs(figure) >= 100 ? Math.round(figure).toLocaleString("en") : String(Number(figure.toPrecision(3)));
}

/** One line of the result: what was measured, the figure, its limit and whether it holds. `limit` null is only reported. */
export function row(goal, what, figure, { atLeast, atMost, unit = "" } = {}) {
	const limit = atLeast !== undefined ? `>= ${atLeast}` : atMost !== undefined ? `<= ${atMost}` : "";
	const holds = atLeast !== undefined ? figure >= atLeast : atMost !== undefined ? figure <= atMost : null;
	return { goal, what, figure, unit, limit, holds: typeof figure === "number" ? holds : holds === null ? null : false };
}

/** The rows as one table. */
export function table(rows) {
	const cells = rows.map(({ goal, what, figure, unit, limit, holds }) => [
		goal,
		what,
		`${show(figure)}${unit ? ` ${unit}` : ""}`,
		limit,
		holds === null ? "" : holds ? "pass" : "MISS",
	]);
	const all = [["goal", "row", "figure", "limit", ""], ...cells];
	const widths = all[0].map((_, n) => Math.max(...all.map((line) => line[n].length)));
	return all
		.map((line) =>
			line
				.map((cell, n) => cell.padEnd(widths[n]))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}
