import { useMemo, useState } from "react";
import { Card } from "../../ui/Card.tsx";
import { Chart } from "../../ui/Chart.tsx";
import type { ChartModel } from "../../ui/chart-model.ts";
import { Part } from "./Part.tsx";

const HOUR_MS = 3_600_000;
const SHOWN = 24;
const NOTHING: ReadonlySet<string> = new Set();
const EVENTS = { onCursor: () => {}, onZoom: () => {}, onPick: () => {}, onReset: () => {} };

/** Charts of bars, of lines with a band and a gap, and of nothing. */
export function Charts({ now }: { now: number }) {
	const models = useMemo(() => modelsFor(now), [now]);
	return (
		<>
			<Exhibit name="Chart of bars" model={models.bars} label="24 hours of runs; failed ones rise at the end" />
			<Exhibit name="Chart of lines, with a gap" model={models.lines} label="Duration over 24 hours, with three hours unknown" />
			<Exhibit name="Chart of nothing" model={models.none} label="No runs in 24 hours" />
		</>
	);
}

function Exhibit({ name, model, label }: { name: string; model: ChartModel; label: string }) {
	const [spoken, setSpoken] = useState("");
	return (
		<Part name={name}>
			<Card title={name}>
				<div className="px-3.5 pb-2">
					<Chart
						{...EVENTS}
						model={model}
						hidden={NOTHING}
						label={label}
						syncKey={`gallery ${name}`}
						className="h-50"
						onAnnounce={(index) => setSpoken(`Hour ${index + 1}`)}
					/>
					<p aria-live="polite" className="sr-only">
						{spoken}
					</p>
				</div>
			</Card>
		</Part>
	);
}

function modelsFor(now: number): Record<"bars" | "lines" | "none", ChartModel> {
	const first = Math.floor(now / HOUR_MS) * HOUR_MS - (SHOWN - 1) * HOUR_MS;
	const hours = Array.from({ length: SHOWN }, (_, index) => index);
	const shared = { starts: hours.map((hour) => first + hour * HOUR_MS), stepMs: HOUR_MS };
	const bars = (failed: (hour: number) => number, passed: (hour: number) => number): ChartModel => ({
		...shared,
		unit: "count",
		series: [
			{ key: "failed", word: "Failed", kind: "bars", tone: "bad", values: hours.map(failed) },
			{ key: "passed", word: "Passed", kind: "bars", tone: "ok", values: hours.map(passed) },
		],
	});
	const line = (ms: number) => hours.map((hour) => (hour > 8 && hour < 12 ? null : ms * (1 + ((hour * 7) % 5) / 10)));
	return {
		bars: bars(
			(hour) => (hour > 19 ? hour - 17 : hour % 3),
			(hour) => 8 + ((hour * 5) % 9),
		),
		lines: {
			...shared,
			unit: "duration",
			band: ["low", "high"],
			series: [
				{ key: "low", word: "p50", kind: "line", tone: "quiet", weight: "thin", values: line(60_000) },
				{ key: "average", word: "Average", kind: "line", tone: "accent", weight: "main", values: line(90_000) },
				{ key: "high", word: "p95", kind: "line", tone: "quiet", weight: "dashed", values: line(180_000) },
			],
		},
		none: bars(
			() => 0,
			() => 0,
		),
	};
}
